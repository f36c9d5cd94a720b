//! The words that names and addresses are made of.

use std::sync::LazyLock;

/// A list of words, the commonest first.
pub(crate) type Words = LazyLock<Vec<&'static str>>;

pub(crate) static WOMEN: Words = LazyLock::new(|| {
    "Mary Patricia Linda Barbara Elizabeth Jennifer Maria Susan Margaret Dorothy Lisa Nancy Karen \
     Betty Helen Sandra Donna Carol Ruth Sharon Michelle Laura Sarah Kimberly Deborah Jessica Shirley \
     Cynthia Angela Melissa Brenda Amy Anna Rebecca Virginia Kathleen Pamela Martha Debra Amanda \
     Stephanie Carolyn Christine Marie Janet Catherine Frances Ann Joyce Diane Alice Julie Heather \
     Teresa Doris Gloria Evelyn Jean Cheryl Mildred Katherine Joan Ashley Judith Rose Janice Kelly \
     Nicole Judy Christina Kathy Theresa Beverly Denise Tammy Irene Jane Lori Rachel Marilyn Andrea \
     Kathryn Louise Sara Anne Jacqueline Wanda Bonnie Julia Ruby Lois Tina Phyllis Norma Paula Diana \
     Annie Lillian Emily Robin Peggy Crystal Gladys Rita Dawn Connie Florence Tracy Edna Tiffany \
     Carmen Rosa Cindy Grace"
        .split_whitespace()
        .collect()
});

pub(crate) static MEN: Words = LazyLock::new(|| {
    "James John Robert Michael William David Richard Charles Joseph Thomas Christopher Daniel Paul \
     Mark Donald George Kenneth Steven Edward Brian Ronald Anthony Kevin Jason Matthew Gary Timothy \
     Jose Larry Jeffrey Frank Scott Eric Stephen Andrew Raymond Gregory Joshua Jerry Dennis Walter \
     Patrick Peter Harold Douglas Henry Carl Arthur Ryan Roger Joe Juan Jack Albert Jonathan Justin \
     Terry Gerald Keith Samuel Willie Ralph Lawrence Nicholas Roy Benjamin Bruce Brandon Adam Harry \
     Fred Wayne Billy Steve Louis Jeremy Aaron Randy Howard Eugene Carlos Russell Bobby Victor Martin \
     Ernest Phillip Todd Jesse Craig Alan Shawn Clarence Sean Philip Chris Johnny Earl Jimmy Antonio \
     Danny Bryan Tony Luis Mike"
        .split_whitespace()
        .collect()
});

pub(crate) static FAMILIES: Words = LazyLock::new(|| {
    "Smith Johnson Williams Brown Jones Miller Davis Garcia Rodriguez Wilson Martinez Anderson Taylor \
     Thomas Hernandez Moore Martin Jackson Thompson White Lopez Lee Gonzalez Harris Clark Lewis \
     Robinson Walker Perez Hall Young Allen Sanchez Wright King Scott Green Baker Adams Nelson Hill \
     Ramirez Campbell Mitchell Roberts Carter Phillips Evans Turner Torres Parker Collins Edwards \
     Stewart Flores Morris Nguyen Murphy Rivera Cook Rogers Morgan Peterson Cooper"
        .split_whitespace()
        .collect()
});

pub(crate) static STREETS: Words = LazyLock::new(|| {
    "Oak Maple Cedar Pine Elm Walnut Main Church High Lake Hill Park River Spring Mill Ridge Sunset \
     Forest Meadow Willow Cherry Center Union School Prospect Highland Franklin Jefferson Madison \
     Jackson"
        .split_whitespace()
        .collect()
});

pub(crate) static STATES: Words =
    LazyLock::new(|| "FL WI GA NC MA OH IN CA AZ NJ MD IL".split_whitespace().collect());

pub(crate) static SYLLABLES: Words = LazyLock::new(|| {
    "bar bel ber bran cal car cor dal del dor fal fen gar gor hal har hol kel ken kir lan lar lin mar \
     mer mor nel nor pal per ral ros sal sel sher tal ter thor val ver wal wes win zel"
        .split_whitespace()
        .collect()
});

pub(crate) static MAILS: Words = LazyLock::new(|| {
    "gmail.com yahoo.com outlook.com aol.com icloud.com"
        .split_whitespace()
        .collect()
});

pub(crate) static ENDINGS: Words = LazyLock::new(|| {
    "son ton man ley er ski well ford ez i"
        .split_whitespace()
        .collect()
});

/// Short forms of given names.
pub(crate) const NICKNAMES: &[(&str, &[&str])] = &[
    ("Robert", &["Bob", "Rob", "Bobby"]),
    ("William", &["Bill", "Will", "Billy"]),
    ("James", &["Jim", "Jimmy"]),
    ("John", &["Jack", "Johnny"]),
    ("Michael", &["Mike", "Mickey"]),
    ("Richard", &["Rick", "Dick", "Rich"]),
    ("Charles", &["Chuck", "Charlie"]),
    ("Thomas", &["Tom", "Tommy"]),
    ("Joseph", &["Joe", "Joey"]),
    ("Christopher", &["Chris"]),
    ("Daniel", &["Dan", "Danny"]),
    ("Edward", &["Ed", "Ted"]),
    ("Elizabeth", &["Liz", "Beth", "Betty"]),
    ("Margaret", &["Peggy", "Maggie"]),
    ("Patricia", &["Pat", "Patty", "Trish"]),
    ("Katherine", &["Kate", "Kathy"]),
    ("Jennifer", &["Jen", "Jenny"]),
    ("Deborah", &["Deb", "Debbie"]),
    ("Susan", &["Sue", "Susie"]),
    ("Barbara", &["Barb"]),
    ("Rebecca", &["Becky"]),
    ("Andrew", &["Andy", "Drew"]),
    ("Matthew", &["Matt"]),
    ("Anthony", &["Tony"]),
    ("Gregory", &["Greg"]),
];

/// Kinds of street, short and long.
pub(crate) const TYPES: &[(&str, &str)] = &[
    ("St", "Street"),
    ("Ave", "Avenue"),
    ("Dr", "Drive"),
    ("Rd", "Road"),
    ("Ln", "Lane"),
    ("Ct", "Court"),
    ("Blvd", "Boulevard"),
    ("Pl", "Place"),
];

/// Twins' names that are alike, the second name after a space.
pub(crate) const ALIKE: &[(&str, &str)] = &[
    ("Anna", "Anne"),
    ("Julia", "Julie"),
    ("Maria", "Marie"),
    ("Christina", "Christine"),
    ("Maria Anna", "Maria Lena"),
    ("Jose Luis", "Jose Carlos"),
    ("Mary Ann", "Mary Lou"),
    ("Mohammed Ali", "Mohammed Hassan"),
    ("Mia", "Mila"),
    ("Jan", "Jana"),
    ("Kari", "Karl"),
    ("Jaden", "Jayden"),
    ("Ella", "Bella"),
    ("Carol", "Carla"),
    ("Tim", "Tom"),
    ("Elena", "Helena"),
    ("Katherine", "Kathleen"),
    ("Daniel", "Danielle"),
    ("Joan", "Joanna"),
    ("Alexandra", "Alexis"),
];

/// Names of many people.
pub(crate) const NAMESAKES: &[(&str, &str)] = &[
    ("Mohammed", "Ali"),
    ("Maria", "Garcia"),
    ("John", "Smith"),
    ("Fatima", "Ahmed"),
    ("Jose", "Hernandez"),
    ("Mary", "Johnson"),
    ("Abdi", "Hassan"),
    ("David", "Nguyen"),
];
