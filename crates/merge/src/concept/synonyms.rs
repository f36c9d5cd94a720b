//! Names of one thing that have no word in common: what lay people and clinicians call a disease, brands and their substances, what
//! two countries call a substance, vaccines and what they are against.

/// Names of one thing.
const SYNONYMS: &[&[&str]] = &[
    &["hypertension", "high blood pressure", "elevated blood pressure"],
    &["myocardial infarction", "heart attack"],
    &["stroke", "cerebrovascular accident", "cva", "cerebral infarction"],
    &[
        "hyperlipidemia",
        "hyperlipidaemia",
        "high cholesterol",
        "hypercholesterolemia",
        "dyslipidemia",
        "elevated lipids",
    ],
    &[
        "dyspnea",
        "dyspnoea",
        "shortness of breath",
        "breathlessness",
        "difficulty breathing",
        "sob",
    ],
    &["pruritus", "itching", "itch"],
    &["urticaria", "hives", "wheal", "weal"],
    &["emesis", "vomiting"],
    &["rash", "eruption", "exanthem"],
    &["edema", "oedema", "swelling"],
    &["epistaxis", "nosebleed", "nose bleed"],
    &["syncope", "fainting", "faint", "passed out"],
    &["pyrexia", "fever", "febrile"],
    &["cephalgia", "headache", "head ache"],
    &["gastroesophageal reflux", "heartburn", "acid reflux", "gerd"],
    &["neoplasm", "cancer", "carcinoma", "tumor", "tumour", "malignancy"],
    &["cholelithiasis", "gallstone", "gallstones", "gall stones"],
    &[
        "nephrolithiasis",
        "kidney stone",
        "kidney stones",
        "renal calculus",
    ],
    &["varicella", "chickenpox", "chicken pox", "vzv"],
    &["pertussis", "whooping cough"],
    &["rubella", "german measles"],
    &["allergic rhinitis", "hay fever"],
    &["obesity", "obese"],
    &["depression", "depressive"],
    &["tobacco", "smoker", "smoking", "nicotine"],
    &["fracture", "broken"],
    &["hemorrhage", "haemorrhage", "bleeding"],
    &["anemia", "anaemia", "low hemoglobin"],
    &["upper respiratory infection", "uri", "common cold"],
    &["enuresis", "bed wetting", "bedwetting"],
    &["alopecia", "hair loss"],
    &["insomnia", "sleeplessness", "difficulty sleeping"],
    &["diabetes", "diabetic", "dm", "sugar disease"],
    &["prostatic hyperplasia", "enlarged prostate", "bph"],
    &["osteoarthritis", "degenerative joint disease", "djd"],
    // Brands, and what countries call one substance.
    &["acetaminophen", "paracetamol", "apap", "tylenol"],
    &["albuterol", "salbutamol", "proair", "ventolin", "proventil"],
    &["alprazolam", "xanax"],
    &["amlodipine", "norvasc"],
    &[
        "amoxicillin clavulanate",
        "amoxicillin clavulanic",
        "augmentin",
        "co amoxiclav",
    ],
    &["apixaban", "eliquis"],
    &["aspirin", "asa", "acetylsalicylic acid"],
    &["atenolol", "tenormin"],
    &["atorvastatin", "lipitor"],
    &["azithromycin", "zithromax", "z pak"],
    &["bupropion", "wellbutrin"],
    &["carvedilol", "coreg"],
    &["celecoxib", "celebrex"],
    &["cetirizine", "zyrtec"],
    &["ciprofloxacin", "cipro"],
    &["citalopram", "celexa"],
    &["clonazepam", "klonopin"],
    &["clopidogrel", "plavix"],
    &["diazepam", "valium"],
    &["diclofenac", "voltaren"],
    &["diphenhydramine", "benadryl"],
    &["duloxetine", "cymbalta"],
    &["enoxaparin", "lovenox"],
    &["epinephrine", "adrenaline", "epipen"],
    &["escitalopram", "lexapro"],
    &["esomeprazole", "nexium"],
    &["famotidine", "pepcid"],
    &["fluoxetine", "prozac"],
    &["fluticasone salmeterol", "advair"],
    &["furosemide", "frusemide", "lasix"],
    &["gabapentin", "neurontin"],
    &["glyburide", "glibenclamide"],
    &["hydrocodone acetaminophen", "vicodin", "norco"],
    &["ibuprofen", "advil", "motrin"],
    &["insulin aspart", "novolog"],
    &["insulin glargine", "lantus", "basaglar"],
    &["insulin lispro", "humalog"],
    &["lamotrigine", "lamictal"],
    &["levetiracetam", "keppra"],
    &["levofloxacin", "levaquin"],
    &["levothyroxine", "synthroid"],
    &["lisinopril", "prinivil", "zestril"],
    &["loratadine", "claritin"],
    &["lorazepam", "ativan"],
    &["losartan", "cozaar"],
    &["meperidine", "pethidine", "demerol"],
    &["metformin", "glucophage"],
    &["metoprolol succinate", "toprol"],
    &["metoprolol tartrate", "lopressor"],
    &["montelukast", "singulair"],
    &["naproxen", "aleve", "naprosyn"],
    &["nitroglycerin", "glyceryl trinitrate", "nitrostat"],
    &["omeprazole", "prilosec"],
    &["ondansetron", "zofran"],
    &["oxycodone acetaminophen", "percocet"],
    &["pantoprazole", "protonix"],
    &["penicillin", "pcn"],
    &["pregabalin", "lyrica"],
    &["quetiapine", "seroquel"],
    &["rivaroxaban", "xarelto"],
    &["rosuvastatin", "crestor"],
    &["semaglutide", "ozempic", "wegovy"],
    &["sertraline", "zoloft"],
    &["simvastatin", "zocor"],
    &["sitagliptin", "januvia"],
    &["spironolactone", "aldactone"],
    &["sulfonamide", "sulfonamides", "sulfa"],
    &[
        "sulfamethoxazole trimethoprim",
        "trimethoprim sulfamethoxazole",
        "bactrim",
        "septra",
        "cotrimoxazole",
    ],
    &["tamsulosin", "flomax"],
    &["tiotropium", "spiriva"],
    &["tramadol", "ultram"],
    &["trazodone", "desyrel"],
    &["venlafaxine", "effexor"],
    &["warfarin", "coumadin", "jantoven"],
    &["zolpidem", "ambien"],
    // Vaccines.
    &["ipv", "polio", "poliovirus", "poliomyelitis"],
    &["mmr", "measles"],
    &["hepb", "hepatitis b"],
    &["hepa", "hepatitis a"],
    &["hib", "haemophilus"],
    &["hpv", "papillomavirus", "gardasil"],
    &["dtap", "tdap", "acellular pertussis"],
    &["influenza", "flu"],
    &["pneumococcal", "pcv", "prevnar"],
    &["pneumococcal", "ppsv", "pneumovax"],
    &["zoster", "shingles", "shingrix"],
    &["covid", "sars"],
    &["rv", "rotavirus", "rotateq"],
];

/// Whether two names, in one spelling, are known as names of one thing.
pub(super) fn are_synonyms(a: &str, b: &str) -> bool {
    let names = |name: &str, words: &[&str]| words.iter().any(|words| has_words(name, words));
    SYNONYMS.iter().any(|group| names(a, group) && names(b, group))
}

/// Whether a name holds words one behind the other.
fn has_words(name: &str, words: &str) -> bool {
    name.match_indices(words).any(|(at, _)| {
        let before = name.get(..at).unwrap_or_default();
        let after = name.get(at + words.len()..).unwrap_or_default();
        (before.is_empty() || before.ends_with(' ')) && (after.is_empty() || after.starts_with(' '))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_by_two_names() {
        assert!(are_synonyms("essential hypertension", "high blood pressure"));
        assert!(are_synonyms("coumadin 5 mg oral tablet", "warfarin sodium 5 mg"));
        assert!(!are_synonyms("celexa 20 mg", "celecoxib 200 mg"));
        assert!(!are_synonyms("flurazepam", "influenza"));
    }
}
