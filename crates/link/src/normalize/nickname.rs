//! Which given names are forms of one another, and which are established names at all.

use rustc_hash::{FxHashMap, FxHashSet};

/// Each line holds forms of one name. Written for this crate from general knowledge of English,
/// Spanish and other names in use in the United States; a name may stand on several lines.
const FORMS: &str = "
abigail abby abbie gail
abraham abe bram
adelaide addie ada adele
adeline addie
agnes aggie nessie
albert al bert albie bertie alberto
alexander alex al sandy xander lex alec aleksander alejandro
alexandra alex sandra lexi alexa sandy alexis alejandra
alfred al fred alf alfie alfredo
alice allie ali alicia alyce
allison ali allie alison alyson
amanda mandy manda
amelia amy millie emilia mia
andrew andy drew andre andreas andres
angela angie angel angelina
ann anne anna annie nan nancy hannah ana anita
annette annie nettie
anthony tony ant antonio anton
antonia toni tonia
arlene lena
arnold arnie
arthur art artie arturo
augustus gus august augie
barbara barb babs barbie bobbie
bartholomew bart
beatrice bea trixie beatriz
belinda linda bel
benjamin ben benny benji
bernard bernie barney bernardo
bernadette bernie
bertha bertie
beverly bev
bradley brad
brandon bran
brenda bren
brian bryan bryant
bridget bridie biddy brigid
brittany britt britney brittney
calvin cal
cameron cam
camille cammie millie
carl karl carlos charles
caroline carol carrie carolyn lynn carolina carline callie
cassandra cassie sandra cass
catherine katherine kathryn kate katie kathy cathy kat kay kit kitty cat catalina kathleen katharine katheryn catharine trina
cecilia celia cissy cecily
charles charlie chuck chas chip carlos charley
charlotte lottie charlie char
chester chet
christian chris
christina christine chris chrissy tina christy kristina kristine kris krissy cristina kirsten
christopher chris kit topher kristopher cristobal
clarence clare clancy
claudia claudie
clifford cliff
clinton clint
constance connie
cornelius neil corny connie
courtney court
cynthia cindy cyndi
daniel dan danny daniele
danielle dani danny
darlene darla
david dave davey davy
deborah debbie deb debra debora
delores dolores lola dee
denise dee
dennis denny
dominic dom nick dominick domingo
donald don donny donnie
donna dona
dorothy dot dottie dolly dora dorothea
douglas doug
duane dwayne
edith edie
edmund ed eddie ted ned
edward ed eddie ted teddy ned eduardo edwardo
edwin ed eddie
eileen aileen ellie
eleanor ellie nell nora elly lenora elinor nellie eleanora
elizabeth liz beth betty lizzie eliza betsy libby elsie lisa bess bessie bette isabel elisabeth elisa liza ellie
ella ellie
ellen ellie nell helen nellie
emily em emmy emma millie
emma em emmy
enrique henry rick kike
ernest ernie ernesto
esther essie hester ester
ethel eth
eugene gene
evelyn eve evie evelynn
ezekiel zeke
florence flo flossie florrie
frances fran fannie francie frankie franny francesca
francis frank fran francisco
francisco frank pancho paco cisco
franklin frank
frederick fred freddie fritz rick fredrick federico
gabriel gabe
gabrielle gabby gaby gabriella brielle
genevieve gen ginny eve
george georgie jorge
georgia georgie
gerald jerry gerry geraldo
geraldine gerry jerry geri
gertrude gert gertie trudy
gilbert gil bert gilberto
gloria glory
grace gracie
gregory greg gregg gregorio
gwendolyn gwen wendy
harold harry hal harvey
harriet hattie
harry henry harrison
heather heath
helen nell ellen lena helena elena
henrietta etta hettie henry
henry hank harry hal enrique
herbert herb bert
hillary hilary
howard howie
hugh hughie hugo
ignacio nacho
irene rena
isabel isabella bella izzy belle ysabel isabelle
isaac ike zac
jacob jake jack jakob
jacqueline jackie jacque jaclyn jacquelyn
james jim jimmy jamie jimmie jem jaime
jane janie jenny jean janet jan
janet jan jane
janice jan
jason jay jase
jasmine jazz jas
jean jeanne jeannie jeanette
jeffrey jeff geoff geoffrey jeffery
jennifer jen jenny jenn jennie
jeremiah jerry jeremy
jeremy jerry
jerome jerry gerome
jesse jess jessie
jessica jess jessie
jesus chuy
jill jillian gillian
joan joanie
joanna jo joanne joann joan
johanna jo hanna joanna
john jack johnny jon johnnie jean juan ian johan
jonathan jon john jonny johnathan nathan jonathon
jordan jordy
jose pepe joe joseph
joseph joe joey jos jose josef
josephine jo josie josefina joey
joshua josh
joyce joy
juan john juanito
juanita nita
judith judy jude judi
julia julie jules juliana
julian jules
juliet julie
karen kari caren karin
katelyn kate katie caitlin kaitlyn
kenneth ken kenny
kevin kev
kimberly kim kimmie kimberley
kristen kris kristin kirsten kristi
larry lawrence lars
laura laurie lori lora
lauren laurie ren
lawrence larry lauren laurence lorenzo
leah lea
leo leon leonardo
leonard leo len lenny leonardo
leroy lee roy
leslie les lesley
lester les
lewis louis lew lou
lillian lily lil lilly liliana lillie
linda lindy lin lynda
lindsay lindsey
lisa liza
lois lo
lorraine lori lorrie raine
louis lou louie luis lewis
louise lou lulu luisa eloise
lucille lucy lucile
lucinda lucy cindy
luis lou louis
lydia liddy
lynn lynne lin
mabel mae may
madeline maddie maddy madeleine madelyn lena
manuel manny
marcus mark marc marco marcos
margaret maggie meg peggy marge margie peg greta rita daisy margarita madge margo margot marguerite
maria mary marie mari
marian marianne mary ann
marilyn mary lynn
marjorie marge margie marjory
mark marc marcus marco
marlene marla lena
martha marty mattie patsy marta
martin marty martinez
marvin marv
mary molly polly mamie maria marie may mae
matilda tilly mattie tillie
matthew matt matty mateo mathew
maureen mo reenie
maurice maury moe mauricio
maxine max
maxwell max
maximilian max
megan meg meghan
melanie mel
melinda mindy linda mel
melissa missy mel lissa
melvin mel
mercedes mercy
meredith merry
michael mike mick mickey mikey miguel mitch micheal
michelle shelly mickey chelle michele michell
mildred millie milly
minnie wilhelmina mina
miranda randy mandy
miriam mimi mim
mitchell mitch
mohammed muhammad mohamed mohammad mo muhammed
monica monique
morris morrie moe
nancy nan ann
naomi nomi
natalie nat nattie natalia
natasha tasha nat
nathan nate nat
nathaniel nate nathan nat nathanial
nicholas nick nicky nicolas cole nico
nicole nicky nikki nicki cole
nora norah honora
norman norm
olive ollie olivia
oliver ollie
olivia liv livvy
oscar ozzie
oswald ozzie
pamela pam
patricia pat patty tricia trish patsy patti
patrick pat paddy rick patricio
paul pablo paulie
paula polly pauline paulina
pauline polly paula
penelope penny
peter pete pedro
philip phil phillip pip felipe
phyllis phyl
priscilla cilla prissy
rachel rae rach rachael raquel
ralph rafe rafael
ramon ray raymond
randall randy rand randolph
raymond ray raymundo ramon
rebecca becky becca reba rebekah
regina gina reggie
reginald reggie reg rex
rene renee
ricardo rick richard ricky
richard rick dick rich ricky richie ricardo
robert bob rob bobby robbie bert robin roberto robby
roberta bobbie bobby robbie
rodney rod
roderick rod rick
rodrigo rod
roger rog rodger
roland rollie orlando
ronald ron ronnie ronny
rosa rose rosie
rosalind roz rosa
rosemary rose rosie romy
rose rosie rosa
roxanne roxie roxy
russell russ rusty
ruth ruthie
ryan rye
sabrina bri
sally sal sarah
salvador sal
salvatore sal
samantha sam sammy
samuel sam sammy
sandra sandy sondra
sarah sara sally sadie
scott scotty
sebastian seb bastian
sergio serge
sharon shari sherry
shawn sean shaun
sheila shelia
sheldon shelly
shelley shelly
shirley shirl
sidney sid sydney
solomon sol
sophia sophie sofia
stanley stan
stella estelle
stephanie steph stefanie stephany stevie
stephen steve steven stevie stefan esteban stephan
stuart stu stewart
susan sue susie suzy suzanne susanna susana susannah
suzanne sue susie suzy
sylvia sylvie silvia
tabitha tabby
tamara tammy tami
tammy tami tammie
teresa terry tess theresa tessa terri tracy teri
terrence terry terence terrance
thaddeus thad tad ted
thelma thel
theodore ted teddy theo
thomas tom tommy thom tomas
tiffany tiff
timothy tim timmy
tracy tracey
travis trav
tyler ty
valerie val valeria
vanessa nessa
vera veronica
vernon vern
veronica ronnie roni vera ronni
victor vic vick
victoria vicky vicki tori vickie
vincent vince vinny vin vicente
viola vi
violet vi
virginia ginny ginger gina
vivian viv vi
wallace wally
walter walt wally
wanda wendy
warren ren
wayne way
wendy wen
wesley wes
wilfred will fred
william bill will billy willie liam willy guillermo wm
winifred winnie freda
winston win
yolanda yoli
yvonne vonnie
zachary zach zack zac zachariah
";

/// Other given names in wide use, so that two of them are known for two names and not for one name
/// mistyped.
const NAMES: &str = "
aaron abel adam adrian adriana adrienne aidan alan allen alec alexis alfonso alma alvin alyssa amber amy ana andrea
angel angelica anita april ariana ariel armando ashley aubrey audrey austin ava avery aiden becky bella bernice beth
bethany betty beulah billie blake bobby bonnie brady brandi brandy brayden breanna brent brett brianna brielle brooke
bruce bryce byron caleb candace candice carla carlos carmen carole carter casey cathy cecil chad chance chase chelsea
cheryl cheri chloe clara clark clay clayton clyde cody cole colleen coleen colin collin connor conner corey cory craig
cristian crystal curtis cyrus daisy dakota dale dallas damian damon dana dane daphne darius darla darrell darren darryl
daryl dawn dawson dean deanna della derek derrick desiree destiny devin devon diana diane dianne diego dillon dina
dixie doreen doris dustin dwight dylan earl earnest eddie eduardo edna eli elaine elena eli elias elijah elisa ellis
elmer eloise elsa elvira emilio emmanuel eric erica erik erika erin erma estelle ethan eva evan evangeline everett
faith fay faye felicia felix fernando flora floyd forrest freda frankie garrett gary gavin geneva gina ginger gladys
glen glenda glenn gordon grant greta guadalupe guy gwen hailey haley hannah harlan harley harper harvey hayden hazel
hector herman hilda holly homer hope hudson hunter ian ida ina inez ira iris irma irving isaiah isiah israel ivan ivy
jace jack jackson jada jaden jayden jaime jan jared jasper javier jay jayla jean jeanne jenna jenny jerry jesus jill
jim jimmy jo jocelyn jodi jody joel joey johnnie jolene jon jonas jorge josiah joy juana judy julio june justin
justine kaden kara kari karina karl karla kate kathy katie katrina kay kayla kaylee keith kelli kellie kelly kelsey
kelvin kendra kendall kerry kirk krista kristi kristy kurt kyle kylie lana lance landon latoya laverne layla lee leigh
lela lena leon leona leroy leticia levi lewis liam lila lily lina lionel logan lola lonnie loren lorena lorene loretta
lori lorna lou lucas lucia lucy luke lula luther luz lyle mabel mack madison mae malcolm mamie mandy marc marcella
marcia marco marcy margarita maribel maricela marina mario marion marisa marisol marissa marla marlon marquis marsha
marshall marta marty mason mathew mattie maude maura mavis max may maya melody mercedes merle mia micah miguel mike
miles milton mindy minerva misty moises mollie molly mona morgan moses muriel myra myrtle nadia nadine naomi neal neil
nelda nellie nelson nettie nina noah noel noelle nolan norma olga oliver opal ora orlando orville otis owen pablo
paige parker pat patsy patty pearl peggy penny percy perry phoebe preston quentin quinn rafael ramona randy raul ray
reba renee rex rhonda ricky riley rita rob robin robyn rocky roman ron ronnie rosalie rosario roslyn ross rowena roxie
roy ruben ruby rudolph rudy rufus ruthie sabrina sadie salvador sam sammy sandy santiago santos sasha saul savannah
selena seth shana shane shannon shari shaun shawna shelby shelly sheri sherman sherri sherry sierra silas silvia
simon skylar sonia sonya sophie spencer stacey stacy stefan stella steve sue summer susie sydney sylvester tamika
tanner tanya tara tasha taylor ted teri terri terry tessa theo tia tiana tina todd tom tommy toni tonia tonya tony
tracey traci tracie trevor tricia trinity tristan troy trudy tyrone ursula valentina van vance velma vera verna vickie
vicki vicky vince viola violet wade wallace wanda wendell whitney wilbur wiley willard willie wilma wyatt xavier
yesenia yvette zoe zoey
";

/// Whether a folded given name is one of the built-in list of established names.
pub(crate) fn is_common_given(folded: &str, nicknames: &Nicknames) -> bool {
    nicknames.established.contains(folded)
}

/// Groups of given names that are forms of one name.
#[derive(Clone)]
pub(crate) struct Nicknames {
    groups: FxHashMap<Box<str>, Vec<u16>>,
    forms: Vec<Vec<Box<str>>>,
    established: FxHashSet<Box<str>>,
}

impl Nicknames {
    /// The built-in table with the caller's groups added.
    pub(crate) fn new(more: &[Vec<String>]) -> Self {
        let mut groups: FxHashMap<Box<str>, Vec<u16>> = FxHashMap::default();
        let mut established = FxHashSet::default();
        let mut forms = Vec::new();
        let mut next: u16 = 0;
        let own = FORMS
            .lines()
            .map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let callers = more
            .iter()
            .map(|group| group.iter().map(|name| super::name::fold(name)).collect());
        for group in own.chain(callers) {
            if group.len() < 2 || next == u16::MAX {
                continue;
            }
            next += 1;
            forms.push(group.iter().map(|name| name.as_str().into()).collect());
            for name in group {
                established.insert(name.as_str().into());
                let list = groups.entry(name.into()).or_default();
                if list.last() != Some(&next) {
                    list.push(next);
                }
            }
        }
        for name in NAMES.split_whitespace() {
            established.insert(name.into());
        }
        Self {
            groups,
            forms,
            established,
        }
    }

    /// The names of a group; none for group 0.
    pub(crate) fn forms(&self, group: u16) -> impl Iterator<Item = &str> {
        (group as usize)
            .checked_sub(1)
            .and_then(|index| self.forms.get(index))
            .into_iter()
            .flatten()
            .map(|form| &**form)
    }

    /// The groups a folded name belongs to, in ascending order.
    pub(crate) fn groups(&self, folded: &str) -> &[u16] {
        self.groups.get(folded).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn related(table: &Nicknames, a: &str, b: &str) -> bool {
        table.groups(a).iter().any(|g| table.groups(b).contains(g))
    }

    #[test]
    fn forms_of_one_name_share_a_group() {
        let table = Nicknames::new(&[vec!["Xóchitl".into(), "Xochi".into()]]);
        for (a, b) in [
            ("robert", "bob"),
            ("william", "bill"),
            ("peggy", "margaret"),
            ("xochitl", "xochi"),
        ] {
            assert!(related(&table, a, b), "{a} {b}");
        }
        for (a, b) in [("robert", "william"), ("kari", "karl"), ("mary", "john")] {
            assert!(!related(&table, a, b), "{a} {b}");
        }
        assert!(is_common_given("kayla", &table));
        assert!(!is_common_given("joes", &table));
    }
}
