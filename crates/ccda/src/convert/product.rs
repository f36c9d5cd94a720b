//! Products: what is given, supplied or stands alone (Medication Information, Immunization Medication Information).

use ehr_model::{Ingredient, Medication, RecordClass, Reference};
use ehr_types::CodeableConcept;

use super::importer::Importer;
use crate::xml::Element;

/// The product of a `consumable` or `product`.
#[derive(Clone, Default)]
pub(super) struct Product {
    pub(super) code: Option<CodeableConcept>,
    pub(super) manufacturer: Option<Reference>,
    pub(super) lot_number: Option<String>,
    pub(super) expiration: Option<ehr_types::DateTime>,
}

impl<'d> Importer<'d> {
    /// A `manufacturedProduct` under a consumable or product.
    pub(super) fn product(&mut self, statement: Element<'d>, path: &'static str) -> Product {
        match statement
            .child(path)
            .and_then(|consumable| consumable.child("manufacturedProduct"))
        {
            Some(product) => self.manufactured_product(product),
            None => Product::default(),
        }
    }

    /// What is ordered under a `product`; what else is said of it stays unread, since an order cannot hold it.
    pub(super) fn ordered_code(supply: Element<'_>) -> Option<CodeableConcept> {
        let material = supply.find(&["product", "manufacturedProduct", "manufacturedMaterial"])?;
        product_code(material)
    }

    /// A product standing alone.
    pub(super) fn lone_product(&mut self, element: Element<'d>) {
        let Ok(slot) = self.open(RecordClass::Medication, element, "") else {
            return;
        };
        let product = self.manufactured_product(element);
        let record = Medication {
            code: product.code,
            manufacturer: product.manufacturer,
            lot_number: product.lot_number,
            expiration_date: product.expiration,
            ..Medication::default()
        };
        self.close(slot, record);
    }

    fn manufactured_product(&mut self, product: Element<'d>) -> Product {
        product.read_null_flavors();
        let material = material(product);
        let code = material.and_then(product_code);
        let mut expiration = None;
        let mut lot_number = None;
        if let Some(material) = material {
            lot_number = material.child("lotNumberText").and_then(|lot| lot.deep_text());
            let mut times = material
                .sdtc("expirationTime")
                .chain(material.children("expirationTime"));
            expiration = times.find_map(Element::to_start);
        }
        let manufacturer = product
            .child("manufacturerOrganization")
            .and_then(|organization| self.organization(organization));
        Product {
            code,
            manufacturer,
            lot_number,
            expiration,
        }
    }

    /// A Medication of its own, where the source says more of the product than its code.
    pub(super) fn medication_details(
        &mut self,
        element: Element<'d>,
        path: &'static str,
        product: &Product,
    ) -> Option<Reference> {
        let material = element.child(path)?;
        let form = element
            .child("administrationUnitCode")
            .and_then(Element::to_concept);
        let mut ingredient = Vec::new();
        for participant in element.children("participant") {
            // Drug Vehicle: what the drug is mixed with.
            if participant.peek().attribute("typeCode") == Some("CSM")
                && let Some(entity) = participant.find(&["participantRole", "playingEntity"])
            {
                participant
                    .find(&["participantRole", "code"])
                    .map(Element::to_coding);
                let name = || entity.child("name").and_then(Element::to_organization_name);
                let item = entity
                    .child("code")
                    .and_then(Element::to_concept)
                    .or_else(|| name().map(CodeableConcept::from_text));
                ingredient.push(Ingredient {
                    item,
                    is_active: Some(false),
                    ..Ingredient::default()
                });
            }
        }
        if form.is_none()
            && ingredient.is_empty()
            && product.manufacturer.is_none()
            && product.lot_number.is_none()
            && product.expiration.is_none()
        {
            return None;
        }
        let record = Medication {
            code: product.code.clone(),
            manufacturer: product.manufacturer.clone(),
            form,
            ingredient,
            lot_number: product.lot_number.clone(),
            expiration_date: product.expiration,
            ..Medication::default()
        };
        let id = match self.open(RecordClass::Medication, material, "") {
            Ok(slot) => self.close(slot, record),
            Err(id) => id,
        };
        Some(Reference::to(&id))
    }
}

/// What an activity gives or denies, looked at only.
pub(super) fn product_of(activity: Element<'_>) -> Option<CodeableConcept> {
    let product = activity.peek().find(&["consumable", "manufacturedProduct"])?;
    material(product).and_then(product_code)
}

fn material(product: Element<'_>) -> Option<Element<'_>> {
    product
        .child("manufacturedMaterial")
        .or_else(|| product.child("manufacturedLabeledDrug"))
}

fn product_code(material: Element<'_>) -> Option<CodeableConcept> {
    let mut code = material.child("code").and_then(Element::to_concept);
    if let Some(name) = material.child("name") {
        let said = name.peek().to_organization_name();
        let text = code.as_ref().and_then(|code| code.text.as_ref());
        // A name that differs from the words of the code, such as a brand, stays residual.
        if said.is_some() && (text.is_none() || text == said.as_ref()) {
            code.get_or_insert_default().text = name.to_organization_name();
        }
    }
    code
}
