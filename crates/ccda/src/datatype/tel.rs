//! TEL: telephone numbers, mail addresses and other contact points.

use ehr_types::ContactPoint;

use crate::xml::Element;

impl Element<'_> {
    /// TEL: the system by the URL scheme, the value without it. `None` when nothing is said.
    pub fn to_contact_point(self) -> Option<ContactPoint> {
        let absent = self.to_absent();
        let mut point = ContactPoint {
            absent,
            ..ContactPoint::default()
        };
        if let Some(value) = self.attribute("value") {
            let (system, rest) = split_scheme(value);
            point.system = system.map(str::to_owned);
            if !rest.is_empty() {
                point.value = Some(rest.to_owned());
            }
        }
        if let Some(period) = self
            .child("useablePeriod")
            .and_then(|period| period.to_interval().period())
        {
            point.period = Some(period);
        }
        for code in self.attribute("use").unwrap_or_default().split_whitespace() {
            let use_ = match code {
                "H" | "HP" | "HV" => "home",
                "WP" | "DIR" | "PUB" => "work",
                "MC" => "mobile",
                "TMP" => "temp",
                "BAD" | "OLD" => "old",
                "PG" => {
                    point.system = Some("pager".to_owned());
                    continue;
                }
                _ => continue,
            };
            point.use_.get_or_insert_with(|| use_.to_owned());
        }
        (point.value.is_some() || point.absent.is_some()).then_some(point)
    }

    /// The `telecom` children that hold a value.
    pub fn to_contact_points(self) -> Vec<ContactPoint> {
        self.children("telecom")
            .filter_map(Element::to_contact_point)
            .filter(|point| point.value.is_some())
            .collect()
    }
}

fn split_scheme(value: &str) -> (Option<&'static str>, &str) {
    let scheme = value
        .split_once(':')
        .map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest.trim()));
    match scheme {
        Some((scheme, rest)) => match scheme.as_str() {
            "tel" => (Some("phone"), rest),
            "fax" | "x-text-fax" => (Some("fax"), rest),
            "mailto" => (Some("email"), rest),
            "sms" => (Some("sms"), rest),
            "http" | "https" | "ftp" | "file" | "nfs" | "mllp" => (Some("url"), value),
            _ => (guess(value), value),
        },
        None => (guess(value), value),
    }
}

/// The system of a value without scheme, where its form leaves no doubt.
fn guess(value: &str) -> Option<&'static str> {
    if value.contains('@') {
        return Some("email");
    }
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    if digits >= 7 && letters <= 3 {
        return Some("phone");
    }
    value.starts_with("www.").then_some("url")
}
