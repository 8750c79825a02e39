"""Where a paper was accepted, read from what its authors wrote in comment and journal reference.

arXiv has no form for it, only advice (https://info.arxiv.org/help/prep.html#comments), so this
reads English, and would rather say nothing than something wrong: a paper that was only submitted
somewhere, or that extends another one that was accepted, has no venue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from daily_papers.text.plain import one_line

LONGEST = 40
"""The most characters of a label."""

# Conferences whose one common spelling is the label.
_ACRONYMS = """
AACL-IJCNLP; Allerton; AMIA; ASIACRYPT; ASONAM; ASP-DAC; ASPLOS; AutoML; BIBE; BioNLP;
BlackboxNLP; BRACIS; CADE; CAiSE; CCGrid; CGO; CHIL; CIS; CoLLAs; COMPSAC; COMSNETS; CONCUR;
CoNEXT; CoNLL; CPM; CRYPTO; CSCL; CSCW; CSF; CSL; DAFx; DASFAA; DCASE; DCC; DICTA; DIMVA; DISC;
DSAA; EAIS; EASE; EC; ECOOP; EDBT; EMBC; EMSOFT; ESEC/FSE; ESORICS; ESWC; ETAPS; ETRA; EurIPS;
EUROCRYPT; Eurographics; EuroS&P; EuroSys; EUSIPCO; EvoStar; EWSN; FCCM; FMCAD; FOCS; FOGA;
FOSSACS; FPGA; FPL; FUZZ-IEEE; GIScience; GLSVLSI; HICSS; HotMobile; HotNets; HotOS; HPDC; HSCC;
ICA3PP; ICALP; ICANN; ICCAD; ICCC; ICCCNT; ICCD; ICCPS; ICDAR; ICDT; ICECCS; ICEIS; ICFP; ICIAP;
ICLP; ICMI; ICMR; ICNN; ICONIP; ICORR; ICPC; ICPE; ICPP; ICSM; ICSME; ICSOC; ICSR; ICTIR; ICWE;
IJCAI-ECAI; IJCAR; IJCB; IJCNLP-AACL; IMC; INLG; INTERSPEECH; IPCAI; IPDPS; IPMI; IPSN; ISCA;
ISCAS; ISIT; ISMAR; ISPASS; ISSAC; ISSRE; ISWC; ITCS; IVA; IWSDS; IWSLT; JCDL; JURIX; KR; L4DC;
LICS; LREC-COLING; MLSP; MLSys; MMM; MMSys; MobiCom; MobiHoc; MobiSys; MSR; NeSy; NLDB; NLDL;
NLPCC; NODALIDA; NOMS; NSDI; OFC; OMAE; OOPSLA; OPODIS; OSDI; PacificVis; PACLIC; PACT; PATAT;
PERCOM; PETS; PKC; PLDI; PODC; PODS; POPL; PPoPP; PPSN; PRCV; PRICAI; PROPOR; RANLP; RE; RECOMB;
RLDM; RO-MAN; RTAS; RTSS; RV; SAGT; SANER; SaTML; SC; SCA; SDM; SEAMS; SIGCOMM; SIGCSE; SIGDIAL;
SIGGRAPH; SIGIR-AP; SIGMETRICS; SIGMOD; SIGSPATIAL; SIGUL; SIROCCO; SLT; SoCG; SoCS; SOSP;
SOUPS; SoutheastCon; SPAA; SPAWC; Speech Prosody; SSW; STACS; StarSEM; STOC; TACAS; TARK;
TrustCom; TSD; UbiComp; UIST; USENIX Security; WAFR; WASPAA; WCCI; WINE; WMT
"""
# A label, which is also a spelling, and its further spellings. Only their words count.
_CONFERENCES = """
3DV = international conference on 3d vision
AAAI = aaai conference on artificial intelligence; aaai conference; association for the
    advancement of artificial intelligence
AACL = asia pacific chapter of the association for computational linguistics
AAMAS = autonomous agents and multiagent systems; autonomous agents and multi agent systems
ACL = annual meeting of the association for computational linguistics; association for
    computational linguistics; conference of the association for computational linguistics
ACM MM = acm multimedia; acmmm; acm international conference on multimedia; mm
ACML = asian conference on machine learning
AIED = artificial intelligence in education
AIES = conference on ai ethics and society
AISTATS = artificial intelligence and statistics
AITest = conference on artificial intelligence testing
ALT = conference on algorithmic learning theory
APSIPA = apsipa asc
ASE = automated software engineering
Asilomar = asilomar conference
ASRU = automatic speech recognition and understanding
ATC = usenix atc
BIBM = bioinformatics and biomedicine
BMVC = british machine vision conference
CAI = ieee cai
CAIS = conference on ai and agentic systems
Canadian AI = canadian conference on artificial intelligence
CAV = computer aided verification
CC = compiler construction
CCS = acm ccs; computer and communications security
CDC = conference on decision and control
CEC = ieee cec; congress on evolutionary computation
CHI = human factors in computing systems; chi conference
CHIIR = sigir conference on human information interaction and retrieval; human information
    interaction and retrieval
CIKM = information and knowledge management
CLeaR = causal learning and reasoning
ClinicalNLP = clinical natural language processing workshop
CogSci = annual meeting of the cognitive science society
COLING = international conference on computational linguistics
COLM = conference on language modeling
COLT = conference on learning theory
CoRL = conference on robot learning
CPAL = conference on parsimony and learning
CVPR = conference on computer vision and pattern recognition; international conference on
    computer vision and pattern recognition; computer vision and pattern recognition conference
DAC = design automation conference
DATE = ieee date
DSN = dependable systems and networks
EACL = european chapter of the association for computational linguistics
EAMT = european association for machine translation
ECAI = european conference on artificial intelligence
ECC = european control conference
ECCV = european conference on computer vision
ECIR = european conference on information retrieval
ECML-PKDD = ecml pkdd; ecmlpkdd; ecml; pkdd
EDM = educational data mining
EMNLP = empirical methods in natural language processing
ESANN = european symposium on artificial neural networks
FAccT = fairness accountability and transparency
FAST = usenix fast
FG = automatic face and gesture recognition
FSE = esec fse
FUSION = conference on information fusion
GCPR = german conference on pattern recognition
GECCO = genetic and evolutionary computation conference
GLOBECOM = ieee globecom
HPCA = high performance computer architecture
HRI = human robot interaction
Hypertext = acm hypertext
IAAI = innovative applications of artificial intelligence; innovative applications of ai
ICAART = international conference on agents and artificial intelligence
ICAIF = conference on ai in finance
ICAIL = international conference on artificial intelligence and law
ICAPS = automated planning and scheduling
ICASSP = acoustics speech and signal processing; acoustics speech signal processing
ICC = ieee icc; ieee international conference on communications; international conference on
    communications
ICCS = international conference on computational science
ICCV = international conference on computer vision
ICDCS = distributed computing systems
ICDE = international conference on data engineering
ICDM = international conference on data mining; ieee conference on data mining
ICIP = international conference on image processing
ICLR = international conference on learning representations
ICME = conference on multimedia and expo
ICML = international conference on machine learning
ICMLA = machine learning and applications
ICPR = international conference on pattern recognition
ICRA = international conference on robotics and automation
ICS = international conference on supercomputing
ICSE = international conference on software engineering
ICST = software testing verification and validation
ICWSM = conference on web and social media; aaai conference on web and social media
IDA = intelligent data analysis
IEEE BigData = bigdata; ieee big data; conference on big data
IEEE S&P = symposium on security and privacy
IGARSS = geoscience and remote sensing symposium
IJCAI = international joint conference on artificial intelligence; international joint
    conferences on artificial intelligence
IJCNLP = joint conference on natural language processing
IJCNN = international joint conference on neural networks
INFOCOM = conference on computer communications
IROS = intelligent robots and systems
ISBI = international symposium on biomedical imaging
ISMIR = society for music information retrieval
ISSTA = software testing and analysis
ITSC = conference on intelligent transportation systems
IUI = intelligent user interfaces
IV = ieee iv; intelligent vehicles symposium
KDD = knowledge discovery and data mining; sigkdd
LAK = learning analytics and knowledge conference
LoG = learning on graphs; learning on graphs conference
LREC = language resources and evaluation conference; conference on language resources and
    evaluation
MDM = mobile data management
MICCAI = medical image computing and computer assisted intervention; medical image computing and
    computer assisted interventions
MICRO = ieee micro symposium
MIDL = medical imaging with deep learning
ML4H = machine learning for health; machine learning for health symposium
MLHC = machine learning for healthcare conference
NAACL = nations of the americas chapter of the association for computational linguistics; north
    american chapter of the association for computational linguistics
NDSS = network and distributed system security symposium
NeurIPS = neural information processing systems; nips; neurips conference
PAKDD = pacific asia conference on knowledge discovery and data mining
RecSys = conference on recommender systems
RLC = reinforcement learning conference
RSS = robotics science and systems
SAC = acm sac; symposium on applied computing
SemEval = semantic evaluation
SIGGRAPH Asia = siggraphasia
SIGIR = research and development in information retrieval
SMC = ieee smc
SODA = symposium on discrete algorithms
UAI = uncertainty in artificial intelligence
UMAP = user modeling adaptation and personalization
VIS = ieee vis
VISAPP = international conference on computer vision theory and applications
VLDB = very large data bases
VR = ieee vr; ieee vr conference
VTC = ieee vtc
WACV = winter conference on applications of computer vision
WCNC = wireless communications and networking conference
WSC = winter simulation conference
WSDM = web search and data mining
WWW = thewebconf; webconf; web conference; the web conference; acm web conference
XAI = world conference on explainable artificial intelligence
"""
# Journals whose title is the label, and which only a title in its own case is taken for.
_TITLES = """
Annals of Applied Statistics; Annals of Probability; Annals of Statistics; Applied Intelligence;
Artificial Intelligence and Law; Artificial Intelligence in Medicine; Artificial Intelligence
Journal; Artificial Intelligence Review; Automatica; Bayesian Analysis; Behavioral and Brain
Sciences; Bernoulli; Biometrics; Biometrika; Biostatistics; Briefings in Bioinformatics;
Communications Physics; Computational Linguistics; Computer Graphics Forum; Data & Policy; Data
Mining and Knowledge Discovery; Electronic Journal of Statistics; Empirical Software
Engineering; Entropy; Expert Systems with Applications; IEEE Access; IEEE Computer; IEEE
Software; Information Fusion; Information Sciences; JCAP; JMIR; Journal of Applied Physics;
Journal of Biomedical Informatics; Journal of Causal Inference; Journal of Cheminformatics;
Journal of Econometrics; Language Resources and Evaluation; Machine Learning Journal; Management
Science; MIR; Natural Language Engineering; Natural Language Processing Journal; Nature
Computational Science; Nature; Nature Machine Intelligence; Nature Medicine; Nature Methods; Neural
Computation; Neurocomputing; New Journal of Physics; npj Computational Materials; npj Quantum
Information; Numerische Mathematik; Operations Research; PASJ; PASP; Pattern Recognition
Letters; Physical Biology; PLOS Digital Health; PLOS ONE; PRX Quantum; Quantum; Quantum Science
and Technology; RAA; Remote Sensing; Remote Sensing of Environment; Science Advances; Sensors;
SIAM Review; Soft Computing; Solid State Communications; Speech Communication; Statistica
Sinica; Statistics in Medicine; Swarm and Evolutionary Computation; Technometrics
"""
_JOURNALS = """
A&A = astronomy and astrophysics; astronomy astrophysics
ACM Computing Surveys = acm csur; acm comput surv
ACM IMWUT = imwut; proceedings of the acm on interactive mobile wearable and ubiquitous
    technologies
ACM TACO = transactions on architecture and code optimization
ACM TALLIP = tallip
ACM TECS = tecs; transactions on embedded computing systems
ACM TIST = tist; transactions on intelligent systems and technology
ACM TKDD = tkdd; transactions on knowledge discovery from data
ACM TOCHI = tochi
ACM TOG = tog; acm transactions on graphics; acm trans graph
ACM TOIS = tois; transactions on information systems
ACM TOMM = tomm; transactions on multimedia computing communications and applications
ACM TOPS = transactions on privacy and security
ACM TORS = transactions on recommender systems
ACM TOSEM = tosem; transactions on software engineering and methodology
ACM TRETS = trets
ACM TWEB = transactions on the web
Acta Astronomica = actaastron
AJ = astronomical journal
ApJ = astrophysical journal
ApJL = astrophysical journal letters
ApJS = astrophysical journal supplement series; astrophysical journal supplement
Applied Physics Letters = appl phys lett
Automated Software Engineering = automated software engineering journal
Bioinformatics = bioinformatics journal
CMAME = computer methods in applied mechanics and engineering
Computer Speech & Language = computer speech language; computer speech and language
CVIU = computer vision and image understanding
Engineering Applications of AI = engineering applications of artificial intelligence
IEEE GRSL = geoscience and remote sensing letters
IEEE IoT Journal = internet of things journal
IEEE JAS = journal of automatica sinica
IEEE JBHI = jbhi; journal of biomedical and health informatics
IEEE JSAC = jsac; journal on selected areas in communications
IEEE JSTARS = jstars
IEEE JSTSP = jstsp; journal of selected topics in signal processing
IEEE RA-L = ra l; robotics and automation letters
IEEE SPL = signal processing letters
IEEE SPM = signal processing magazine
IEEE TAC = transactions on automatic control
IEEE TAES = transactions on aerospace and electronic systems
IEEE TAFFC = taffc; transactions on affective computing
IEEE TAI = transactions on artificial intelligence
IEEE TASE = transactions on automation science and engineering
IEEE TASLP = taslp; transactions on audio speech and language processing
IEEE TBD = transactions on big data
IEEE TBME = transactions on biomedical engineering
IEEE TC = transactions on computers
IEEE TCAD = tcad; transactions on computer aided design of integrated circuits and systems
IEEE TCDS = transactions on cognitive and developmental systems
IEEE TCI = transactions on computational imaging
IEEE TCOM = tcom; transactions on communications
IEEE TCSS = transactions on computational social systems
IEEE TCSVT = tcsvt; transactions on circuits and systems for video technology
IEEE TCYB = transactions on cybernetics
IEEE TDSC = tdsc; transactions on dependable and secure computing
IEEE TETCI = transactions on emerging topics in computational intelligence
IEEE TEVC = transactions on evolutionary computation
IEEE TFS = transactions on fuzzy systems
IEEE TG = transactions on games
IEEE TGRS = tgrs; transactions on geoscience and remote sensing
IEEE THMS = transactions on human machine systems
IEEE TIFS = tifs; transactions on information forensics and security
IEEE TII = transactions on industrial informatics
IEEE TIP = tip; transactions on image processing
IEEE TIT = transactions on information theory
IEEE TITS = tits; transactions on intelligent transportation systems
IEEE TIV = transactions on intelligent vehicles
IEEE TKDE = tkde; transactions on knowledge and data engineering
IEEE TLT = transactions on learning technologies
IEEE TMC = tmc; transactions on mobile computing
IEEE TMI = tmi; transactions on medical imaging
IEEE TMLCN = transactions on machine learning in communications and networking
IEEE TMM = tmm; transactions on multimedia
IEEE TNNLS = tnnls; transactions on neural networks and learning systems
IEEE TNSM = transactions on network and service management
IEEE TPAMI = tpami; t pami; pami; transactions on pattern analysis and machine intelligence;
    trans pattern anal mach intell
IEEE TPDS = tpds; transactions on parallel and distributed systems
IEEE TRO = t ro; tro; transactions on robotics
IEEE TSC = transactions on services computing
IEEE TSE = tse; transactions on software engineering
IEEE TSP = tsp; transactions on signal processing
IEEE TSUSC = transactions on sustainable computing
IEEE TVCG = tvcg; transactions on visualization and computer graphics
IEEE TVT = tvt; transactions on vehicular technology
IEEE TWC = twc; transactions on wireless communications
IEEE/ACM ToN = transactions on networking
IEICE Trans. Inf. & Syst. = ieice transactions on information and systems
IJCV = international journal of computer vision; international journal on computer vision
IJDAR = international journal on document analysis and recognition
IJGIS = international journal of geographical information science
IJRR = international journal of robotics research
Information Processing & Management = information processing management; information processing
    and management
ISPRS Journal = isprs journal of photogrammetry and remote sensing
J. Fluid Mech. = journal of fluid mechanics
J. Phys. Conf. Ser. = j phys conf ser
J. Stat. Mech. = j stat mech
J. ACM = journal of the acm; jacm; j acm
JAIR = journal of artificial intelligence research
JAMIA = journal of the american medical informatics association
JASA = journal of the american statistical association
JBCS = journal of the brazilian computer society
JCGS = journal of computational and graphical statistics
JCIM = journal of chemical information and modeling
JCP = journal of computational physics
JCTC = journal of chemical theory and computation
JHEP = journal of high energy physics
JMLR = journal of machine learning research
JOSS = journal of open source software
Journal of Chemical Physics = j chem phys
JRSS B = journal of the royal statistical society series b
JRSS C = journal of the royal statistical society series c
Knowledge-Based Systems = knowledge based systems
LMCS = logical methods in computer science
Machine Learning: Science and Technology = machine learning science and technology
Medical Image Analysis = media journal
MELBA = journal of machine learning for biomedical imaging; machine learning for biomedical
    imaging
MNRAS = monthly notices of the royal astronomical society
Nature Communications = nat commun
Neural Networks = neural networks journal
npj Digital Medicine = nature npj digital medicine
PACM HCI = pacmhci; proceedings of the acm on human computer interaction
PACMPL = proceedings of the acm on programming languages
Pattern Recognition = pattern recognition journal
Phil. Trans. R. Soc. A = philosophical transactions a; philosophical transactions of the royal
    society a; royal society philosophical transactions a
Physical Review A = phys rev a
Physical Review Applied = phys rev applied
Physical Review B = phys rev b
Physical Review C = phys rev c
Physical Review D = phys rev d
Physical Review E = phys rev e
Physical Review Letters = phys rev lett
Physical Review Research = phys rev research
Physical Review X = phys rev x
PLOS Computational Biology = plos comput biol
PNAS = proceedings of the national academy of sciences
PoPETs = proceedings on privacy enhancing technologies
Proc. IEEE = proceedings of the ieee
PVLDB = pvldb; proceedings of the vldb endowment
Reviews of Modern Physics = rev mod phys
Scientific Reports = nature scientific reports
SCIS = science china information sciences; science china information science
SIAM J. Comput. = siam journal on computing
SIAM J. Imaging Sci. = siam journal on imaging sciences
SIAM J. Optim. = siam journal on optimization
SIAM J. Sci. Comput. = siam journal on scientific computing
SIMODS = siam journal on mathematics of data science
Software Testing, Verif. & Reliab. = software testing verification reliability; software testing
    verification and reliability
TACL = transactions of the association for computational linguistics
TMLR = transactions on machine learning research
VLDB Journal = vldbj
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Acronyms that are short or words of their own: taken only as they are spelled above, or in
# capitals.
_AMBIGUOUS = _set(
    """
    allerton automl case clear date ease face fast fusion hypertext log micro types vlsi wine crypto
    chil pact disc concur prcv isca amia codes heat pets quantum entropy sensors
    """
)
_SHORT = 2
"""So many digits has a year without its century."""
_LOOSE = 4
"""From so many letters on an acronym is taken in any case."""

# What may stand before or behind the name of a conference without being part of another name.
_PLAIN = _set(
    """
    a an and the this that our of in on at to by for as is was be been it its has have had with
    will ieee acm cvf rsj siam ieice usenix springer elsevier sigsoft sigapp sigplan sigchi ifip
    embs international annual national joint conference conferences conf mains proc proceedings
    proceeding symposium congress meeting main track tracks paper papers poster posters oral
    orals spotlight spotlights highlight highlights presentation presentations publication
    published publications accepted accept accepts acceptance appear appears camera ready
    version preprint long short full regular research technical special session edition volume
    vol findings finding publish industry industrial demo demos demonstration demonstrations
    applied system systems program first second third fourth fifth sixth seventh eighth ninth
    tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth
    nineteenth twentieth thirtieth fortieth fiftieth sixtieth twenty thirty forty fifty sixty st
    nd rd th archival non award best honorable mention top manuscript article work author
    authors dataset datasets benchmark benchmarks db student abstract abstracts extended
    position early provisional final appendix supplementary material journal round cycle
    reviewed peer talk lightning late breaking doctoral consortium tutorial project page code
    aisi alignment social impact evaluations evaluation resource resources reproducibility
    perspective perspectives senior online association presented present included aam jan feb
    mar apr may june july aug sept oct nov dec january february march april august september
    october november december workshop workshops co located under after also arxiv copyright srw
    """
)
# Capitals before a year that are no venue.
_NO_VENUE = _set(
    """
    usa uk eu uae url doi gpt mit pdf isbn issn pmlr ceur lncs lnai ccis ai ml nlp llm llms ieee acm
    cc by arr phd msc ssrn osf mdpi aam jan feb mar apr may jun jul aug sep sept oct nov dec january
    february march april june july august september october november december srw ca wa ny spie
    covid nvidia main findings oral poster arxiv nasa cern api lstm bert xplore cps paper demo
    track vol gpu fpga cnn gan iso lcns preprint version draft copyright springer elsevier neural
    conference workshop journal proceedings symposium spring summer autumn winter fall new york
    """
)
# Words of a title that is no journal's.
_NO_TITLE = _set(
    """
    proceedings conference workshop workshops symposium university institute thesis xplore library
    blog book chapter press findings main springer elsevier wiley lecture notes track session
    department meeting summit ieee acm congress competition challenge series school hackathon
    association society arxiv portfolio academic seminar colloquium part special code github
    january february march april may june july august september october november december
    consortium dissertation preprint version poster oral
    """
)

# Words of no title that a year follows.
_MONTHS = _set(
    """
    jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july
    august september october november december
    """
)
_NO_DATED = _MONTHS | {"proceedings", "university", "institute", "springer", "elsevier", "thesis"}

_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_ADDRESS = re.compile(r"\w+://\S+|\b10\.\d{4,}/\S+")
_ABBREVIATIONS = (
    "Proc Conf Int Intl Trans Symp Assoc Vol vol No no pp Phys Rev Lett Stat Math Sci Comput Appl"
    " Anal Mach Intell Am Soc Syst J St Fig Pattern Adv"
)
# A full stop behind an abbreviation ends nothing.
_CLAUSE_END = re.compile(
    r"\.(?=\s|$)(?!\s+Workshop)(?<!\b[A-Z]\.)"
    + "".join(rf"(?<!\b{word}\.)" for word in _ABBREVIATIONS.split())
    + r"|[;|]|\s(?:--+|–|—)\s"
)

# These three read lower case, in which patterns are faster than without regard to it.
_WON = re.compile(
    r"\b(?:ac+[ept]{3,6}d?\b(?! for (?:submission|review))|acceptance (?:at|by|in|to)\b"
    r"|admitted (?:to|at)\b|(?:to|will) appear\b|appear(?:s|ed|ing)? (?:in|at|as)\b"
    r"|published\b|publication (?:in|at)\b|presented\b|presentation at\b|in press\b"
    r"|forthcoming (?:in|at)\b|camera[- ]?ready\b|proc(?:eedings?)?\b"
    r"|(?:oral|spotlight|poster|highlight|talk|paper) (?:at|in)\b)"
    r"(?<!not accepted)(?<!not been accepted)(?<!not yet accepted)(?<!yet been accepted)"
    r"(?<!if accepted)(?<!once accepted)(?<!when accepted)(?<!upon accepted)"
    r"(?<!until accepted)(?<!not published)(?<!once published)(?<!when published)",
)
_LOST = re.compile(
    r"\b(?:(?:re)?sub+mi\w+|under\s+(?:[\w-]+\s+){0,3}(?:review|consideration|revision)"
    r"|(?:in|for|awaiting|pending|undergoing)\s+(?:peer[- ])?review\b|reject\w*|withdrawn|declined"
    r"|(?:extended|expanded|enhanced|updated|improved|longer|shortened|shorter|short|abridged|older"
    r"|earlier|previous|prior|preliminary|initial|conference|workshop|journal|abstract|partial)"
    r"(?: \w+)? versions?\b(?! with| includ| at http|[^\w]*$)|extensions? (?:of|to|from)\b"
    r"|exten(?:ds|ding)\b|(?:journal|version) extension|follow[- ]?up|buil(?:ds|t|ding) (?:up)?on"
    r"|(?:our|the|an?) (?:prior|previous|earlier)\b|parts? of (?:this|the) (?:work|paper)"
    r"|portions? of|overlap|reproducibility study|target(?:ing|ed|s)\b|prepar(?:ing|ed|ation)\b"
    r"|intended|plan(?:s|ned)? to|to be submitted|rolling review|arr\b|in submission|rebuttal"
    r"|technical report (?:of|for)|winning|winner|solution (?:to|for|of))",
)
_LOST_THEN_WON = re.compile(
    r"sub+mi\w+[^.;]{0,50}?(?:\b(?:and|now|then|been|was|is|but)|,)\s+accepted\b"
)
# Between an acceptance and a name, these say that the name is of something else.
_OTHER_WORK = re.compile(
    r"\b(?:(?:derived|taken|adapted|results?|tasks?|datasets?|codes?) from"
    r"|using(?! (?-i:[A-Z][a-z]+ ))|based on|codes?|outperform\w*|compar\w+|see|related|reviewers?"
    r"|dataset of)\b",
    re.IGNORECASE,
)
_CONTEST = re.compile(r"\b(?:challenge|competition|contest|hackathon)\b", re.IGNORECASE)
_ASSEMBLY = re.compile(r"\b(?:Conference|Symposium|Congress|Meeting|Proceedings)\b", re.IGNORECASE)
_SECTION = re.compile(r"\btrack\b|\bspecial (?:session|issue)\b", re.IGNORECASE)
_WORKSHOP = re.compile(
    r"workshops?\b(?! and conference)|@|\bco-?located\b|\bin conjunction with\b|\bbridge\b"
    r"|\bhosted by\b|\bpart of the\b",
    re.IGNORECASE,
)
# Behind a name, where it meets: this makes no workshop of a conference.
_ASIDE = re.compile(r"\bco-?located\b|\bin conjunction with\b", re.IGNORECASE)
# What kind of paper it is: the label's last word, some of these letters, and what they must be in.
_KINDS = tuple(
    (kind, tuple(stems.split("|")), re.compile(pattern))
    for kind, stems, pattern in (
        ("SRW", "srw|student res", r"\bstudent research workshop\b|\bsrw\b"),
        ("Workshop", "workshop|@|locat|conjun|bridge|hosted|part of", _WORKSHOP.pattern),
        (
            "Challenge",
            "challenge",
            r"\bchallenge (?:track|paper|at|@)|\bgrand challenge\b|\bchallenge$",
        ),
        ("Competition", "competition", r"\bcompetition\b"),
        ("Symposium", "symposi", r"\b(?:aaai|spring|summer|fall|ph\.?d\.?|reu) symposi"),
        ("Findings", "finding", r"\bfindings\b|\bfinding of\b"),
        (
            "D&B",
            "bench|d&b|d & b|db track",
            r"\bdatasets?,? (?:and|&) benchmarks?\b|\bd ?& ?b\b|\bdb track\b",
        ),
        ("E&D", "&|and dataset", r"\bevaluations? (?:and|&) datasets?\b|\be ?& ?d\b"),
        ("Industry", "industr", r"\bindustry\b(?! 4)|\bindustrial track\b"),
        ("ADS", "ads |applied data", r"\bads track\b|\bapplied data science\b"),
        ("Demo", "demo", r"\bdemos?\b|\bdemonstrations?\b"),
        ("Student Abstract", "student abs", r"\bstudent abstract"),
        ("Extended Abstract", "extended abs", r"\bextended abstract"),
        ("Tutorial", "tutorial", r"\btutorial\b"),
        ("Doctoral Consortium", "consortium", r"\bdoctoral consortium"),
        ("Late-Breaking", "breaking", r"\blate[- ]breaking\b"),
        ("Position", "position", r"\bposition (?:paper )?track\b"),
        ("Oral", "oral", r"\boral\b"),
        ("Spotlight", "spotlight", r"\bspotlight\b"),
        ("Highlight", "highlight", r"\bhighlight\b"),
    )
)

_MARKS = {"W": "Workshop", "F": "Findings"}
# The beginning of a longer acronym, such as XAI4CV.
_RUNS_ON = re.compile(r"\d+[A-Za-z]|\d(?!\d)")
_YEAR_AFTER = re.compile(
    r"[\s)\]]{0,3}(?:(?:conference|main|findings|workshops?)\b\s?){0,2}[,:/(\[\s]{0,3}"
    r"[-–'’‘`´\s]{0,3}((?:19|20)\d\d|[0-2]\d|3[0-5])(?![\dA-Za-z%]|[-–/]\d|[.:]\d"
    r"|[\s-]?(?:pages?|pp|figures?|tables?|main pages|supp))",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\w.:/-])(?:19|20)\d\d(?![\w:]|\.\d|/\d)")
_MONTH = re.compile(
    r"(?<!\d )(?<!\d)\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\W*$",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(
    r"((?:19|20)\d\d)\s+(?:(?:\d+(?:st|nd|rd|th)|[A-Za-z/-]+)\s+){0,9}\W{0,2}$", re.IGNORECASE
)
_ORDINAL = re.compile(
    r"\b(?:\d+\s?(?:st|nd|rd|th)|(?:thirty|forty|fifty|sixty)\W\w+|\w+ieth)\b", re.IGNORECASE
)
_NAMED = re.compile(
    r"\b(?:conference|symposium|congress|meeting|colloquium|forum|workshop)s?\b[^()]{0,150}?"
    r"[({]\s?(?:(?:IEEE|ACM|the)[\s-])?((?-i:[A-Z][A-Za-z&/-]{0,20}\d?[A-Z][A-Za-z]{0,20}|[A-Z][a-z]+"
    r"(?=[\s'’-]+\d)))[\s,'’-]*((?:19|20)?\d\d)?[)}]",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(
    r"(?<![\w./@])(i?[A-Z][A-Za-z]{0,20}\d?[A-Z][A-Za-z]{0,20}(?:[&/-][A-Z][A-Za-z]+){0,3})\)?"
    r"(?:,?\s)?[\s('’-]{0,2}((?:19|20)\d\d|[1-3]\d(?=\W*(?:$|[,.;():])))(?!\d|[.:-]\d)"
)
_TITLE_YEAR = re.compile(
    r"\b(?:at|to|by|in|for)\s+(?:the\s+)?(?:\d+(?:st|nd|rd|th)\s+)?"
    r"([A-Z][\w&-]*(?:\s(?:(?:and|of|in|for|on|&)\s)?[A-Z][\w&-]*){0,4}),?\s\(?((?:19|20)\d\d)(?!\d|[.:-]\d)"
)
_TITLE = re.compile(
    r"\s*(?:[a-z]+\s+){0,4}?(?:in|by|to|for|at)\s+(?:(?:the|a|journals?|special issue of)[,:]?\s+"
    r"|Elsevier\s+|Springer\s+|MDPI\s+|Elsevier's\s+)*"
    r"([A-Z][\w&-]+(?:[ :]+(?:[A-Z][\w&-]*|of|and|in|on|for|the|with|&))*)\s*(?=[,.;:(\[]|$)"
)
_REFERENCE_TITLE = re.compile(
    r"(?:In:? )?([A-Z][A-Za-z.&\s-]*[A-Za-z.])[\s,:]*(?:\(|v\.|[Vv]ol|\d|$)"
)
_SEGMENT = re.compile(r"(?:(?! [-/] )[^,():\[\]])+")
_BARE_SHORT = re.compile(
    r"(?:(?:IEEE|ACM|In|The)\s)*([A-Z][A-Z-]+[A-Z])(?: Workshop)?(?:\s|-|\s?['’])?(?:20)?([1-3]\d)"
    r"(?: Conference| Workshop| Oral)?"
)
# What the name of a conference may begin with, up to the word "Conference".
_NAMES_BEGIN = re.compile(
    r"\s*(?:in\s)?(?:the\s)?(?:(?:19|20)\d\d\s|\d+(?:st|nd|rd|th)\s|international\s|ieee\S*\s|acm\S*\s"
    r"|annual\s|european\s|asian?\s|joint\s|world\s|first\s|second\s|third\s|\w+th\s|(?-i:[A-Z][a-z]+\s)(?=conf))*",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"\d(?:st|nd|rd|th)\b|\binternational\b|\bIEEE\b|\bACM\b", re.IGNORECASE)
_COUNTS = re.compile(
    r"[^,]*(?:\d|\b(?:one|two|three|four|five|six))\W*(?:[\w-]+[\s-]){0,3}?"
    r"(?:pages?|pp|figures?|figs?|tables?|pgs?|page|appendix|supplementary|algorithms?)\b[^,]*",
    re.IGNORECASE,
)
_JOINERS = frozenset({"and", "&", "for", "of"})
_FOLLOWING = re.compile(r"\s(&(?= )|(?:and|for|of|[A-Z][a-z]+)\b)|, (?:[A-Z][A-Za-z]+|and)\b")
# Up to the next acronym in brackets, if no workshop is named before it.
_OTHER_ACRONYM = re.compile(
    r"(?:(?![Ww]orkshop|\d)[^().;]){1,80}?\((?:IEEE |ACM )?([A-Z][A-Za-z]*[A-Z][A-Za-z]*)"
)
_PART = re.compile(r"[\s-]([A-Z][A-Za-z0-9]*[A-Za-z])(?:[\s'’-]+(?:20)?\d\d\b|\s*$|\s[a-z@])")
# No text with a venue is without one of these, which spares most comments the rest.
_HINTS = tuple(
    _set(
        """
        accep ccp acet admit appear publi resent proc press camera inding workshop onfer ymposi 201
        202 '2 ’2 -2
        """
    )
)
_READ = 2000
"""So many characters of a comment are read."""
_SHORT_HINT = re.compile(r"[a-z] ?[12]\d\b")


@dataclass(frozen=True, slots=True)
class _Venue:
    """Where papers are published."""

    label: str
    is_journal: bool = False


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A name of a venue."""

    words: tuple[str, ...]
    venue: _Venue
    exact: tuple[str, ...] = ()
    """The words in their own case, if they mean the venue in no other."""
    is_title: bool = False
    """Whether its words are as common as those of a journal's title."""


@dataclass(frozen=True, slots=True)
class _Mention:
    """A venue's name in a text, from `start` to `end`."""

    start: int
    end: int
    venue: _Venue
    kind: str = ""
    """What the last letter of its acronym says: CVPRW, CVPRF."""
    is_spelled_out: bool = False
    is_title: bool = False


def _words(name: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(name))


def _spellings() -> dict[str, list[_Spelling]]:
    """Return the known spellings by their first word, the longest first."""
    index: dict[str, dict[tuple[str, ...], _Spelling]] = {}

    def add(name: str, venue: _Venue, *, strict: bool, is_title: bool = False) -> None:
        words = _words(name)
        lowered = tuple(word.lower() for word in words)
        index.setdefault(lowered[0], {})[lowered] = _Spelling(
            lowered, venue, words if strict else (), is_title
        )

    def strict(name: str) -> bool:
        return len(name) < _LOOSE or name.lower() in _AMBIGUOUS

    for title in one_line(_TITLES).split("; "):
        add(title, _Venue(title, is_journal=True), strict=True, is_title=True)
    for label in one_line(_ACRONYMS).split("; "):
        add(label, _Venue(label), strict=strict(label))
    for table, is_journal in ((_CONFERENCES, False), (_JOURNALS, True)):
        for line in re.sub(r"\n {2,}", " ", table).strip().split("\n"):
            label, names = line.split(" = ")
            venue = _Venue(label, is_journal)
            add(
                label,
                venue,
                strict=strict(label) or is_journal,
                is_title=is_journal and not re.search("[A-Z]{2}", label),
            )
            for name in names.split("; "):
                lone = " " not in name
                add(name.upper() if lone else name, venue, strict=lone and strict(name))
    return {
        first: sorted(found.values(), key=lambda spelling: -len(spelling.words))
        for first, found in index.items()
    }


_INDEX = _spellings()


def venue_of(comment: str, journal_ref: str) -> str:
    """Return where a paper was accepted or published, as a short label on one line.

    A conference has its year where the text gives it, and what kind of paper it is: `CVPR 2025`,
    `EMNLP 2025 Findings`, `ICML 2026 Workshop`, `IEEE TPAMI`. Empty if the text does not say. The
    journal reference goes before the comment, and what was accepted before what is only named.
    """
    if journal_ref:
        label = _of_reference(one_line(journal_ref[:_READ]))
        if label:
            return label
    return _of_comment(comment) if comment else ""


def _of_comment(comment: str) -> str:
    comment = comment[:_READ]
    if "/" in comment:
        comment = _ADDRESS.sub(" ", comment)
    lowered = comment.lower()
    if not any(hint in lowered for hint in _HINTS) and not _SHORT_HINT.search(lowered):
        return ""
    bare = ""
    for clause in map(str.strip, _CLAUSE_END.split(one_line(comment))):
        if len(clause) < _LOOSE:
            continue
        lowered = clause.lower()
        if len(lowered) != len(clause):
            # A letter that has two in lower case: the places of the two texts differ.
            lowered = clause
        won = _WON.search(lowered)
        if won is None:
            named = "" if bare else _named(clause)
            bare = bare or ("" if named and _LOST.search(lowered) else named)
            continue
        lost = _LOST.search(lowered)
        if lost and lost.start() < won.start():
            again = _LOST_THEN_WON.search(lowered)
            if again is None:
                continue
            won = _WON.search(lowered, again.end() - len("accepted"))
            lost = _LOST.search(lowered, again.end())
        label = _accepted(clause[: lost.start()] if lost else clause, won) if won else ""
        if label and not (bare and label.endswith(" Workshop")):
            return label
    return bare


def _of_reference(reference: str) -> str:
    mentions = list(_mentions(reference))
    if mentions and (not mentions[0].is_title or mentions[0].start == 0):
        return _label(reference, mentions, 0, 0)
    named = _of_new_acronym(reference)
    if named:
        return named
    title = _REFERENCE_TITLE.match(reference)
    if title is None or _NO_TITLE.intersection(title[1].lower().split()):
        return ""
    return _fit(one_line(re.sub(r"\.(?=\w)", ". ", title[1])))


def _accepted(clause: str, won: re.Match[str]) -> str:
    """Return what a clause with an acceptance names behind it, or before it."""
    mentions = list(_mentions(clause))
    behind = [place for place, mention in enumerate(mentions) if mention.start >= won.end() - 1]
    for place in behind:
        mention = mentions[place]
        between = clause[won.end() : mention.start]
        if _OTHER_WORK.search(between) or _CONTEST.search(between):
            break
        if mention.is_title and (not _is_plain(between) or _ASSEMBLY.search(between)):
            continue
        return _label(clause, mentions, place, won.end() if place else 0, between)
    label = _of_new_acronym(clause[won.end() :])
    if label:
        return label
    before = [place for place, mention in enumerate(mentions) if mention.end <= won.start() + 1]
    for place in before:
        if not mentions[place].is_title and not _OTHER_WORK.search(clause[: won.start()]):
            lead = clause[: mentions[place].start]
            return _label(clause, mentions, place, 0, lead if "@" in lead else "")
    label = _of_new_acronym(clause[: won.start()])
    if label:
        return label
    if won[0][:3] in {"acc", "app", "pub", "to "}:
        return _of_title(clause[won.end() :])
    return ""


def _of_new_acronym(text: str) -> str:
    """Return the label of a venue that no table has, if it is an acronym or stands with a year."""
    named = _NAMED.search(text)
    short = next(
        (found for found in _SHORT_YEAR.finditer(text) if found[1].lower() not in _NO_VENUE), None
    )
    if named and (short is None or named.start() <= short.start()):
        name, year, start, end = named[1], _full_year(named[2] or ""), named.start(), named.end()
    elif short:
        name, year, start, end = short[1], _full_year(short[2]), short.start(), short.end()
    else:
        return _of_dated_title(text)
    if name.lower() in _NO_VENUE or _OTHER_WORK.search(text[:start]):
        return ""
    kind = _kind(text)
    if kind in {"Competition", "Challenge"}:
        return ""
    year = year or _year(text, start, end, len(text))
    return _fit(name, year, kind) if year or _PUBLIC.search(text, 0, end) else ""


def _of_dated_title(text: str) -> str:
    title = _TITLE_YEAR.search(text)
    if title is None or _OTHER_WORK.search(text[: title.start()]):
        return ""
    words = [word.lower() for word in title[1].split()]
    if all(word in _PLAIN or word in _NO_VENUE for word in words) or words[-1] in _MONTHS:
        return ""
    if not _NO_DATED.isdisjoint(words):
        return ""
    return _fit(title[1], title[2])


def _of_title(text: str) -> str:
    """Return the title of a journal that no table has, if nothing else can be meant."""
    title = _TITLE.match(text)
    if title is None:
        return ""
    words = title[1].lower().replace("-", " ").split()
    if (
        len(words) == 1
        or not _NO_TITLE.isdisjoint(words)
        or words[-1] in _PLAIN - _NO_TITLE - {"systems", "research", "journal", "resources"}
    ):
        return ""
    return _fit(title[1])


def _named(clause: str) -> str:
    """Return what a clause without any verdict names, if it does nothing else."""
    mentions = [mention for mention in _mentions(clause) if not mention.is_title]
    if not mentions:
        return _named_only(clause)
    first = mentions[0]
    lead = clause[: first.start]
    if _CONTEST.search(clause) or _OTHER_WORK.search(lead):
        return ""
    end = mentions[1].start if len(mentions) > 1 else len(clause)
    year = _year(clause, first.start, first.end, end)
    kind = _kind(clause)
    if "Workshop" in {kind, first.kind} or (year and _names_part(clause, first.end)):
        beside = clause[first.start - 1] == "@" if first.start else False
        return _fit(first.venue.label, year, "Workshop") if year or beside else ""
    if first.venue.is_journal and len(mentions) > 1 and not mentions[1].venue.is_journal:
        return _label(clause, mentions, 1, first.end)
    if not (year or kind == "Findings" or (first.is_spelled_out and _ORDINAL.search(lead))):
        return ""
    for segment in _SEGMENT.findall(lead):
        if not (_is_plain(segment) or _COUNTS.fullmatch(segment.strip())):
            return ""
    tail = _SEGMENT.match(clause, first.end, end)
    if tail and not _is_plain(tail[0]) and kind != "Symposium" and not tail[0].endswith(" track"):
        return ""
    return _label(clause, mentions, 0, 0)


def _named_only(clause: str) -> str:
    """Return the label of a venue that no table has, if the clause begins with it."""
    parts = _SEGMENT.findall(clause)
    while parts and _COUNTS.fullmatch(parts[0].strip()):
        parts.pop(0)
    if not parts or _CONTEST.search(clause):
        return ""
    short = _BARE_SHORT.fullmatch(parts[0].strip())
    if short and short[1].lower() not in _NO_VENUE:
        kind = "Workshop" if _WORKSHOP.search(clause) else ""
        return _fit(short[1], _full_year(short[2]), kind)
    text = clause[clause.index(parts[0]) :]
    named = _NAMED.search(text)
    if named and _NAMES_BEGIN.fullmatch(text, 0, named.start()):
        return _of_new_acronym(text)
    return ""


def _mentions(text: str) -> Iterator[_Mention]:
    """Yield the known venues that `text` names, one after another."""
    tokens = [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]
    lowers = [word.lower() for word, _, _ in tokens]
    place = 0
    last: _Mention | None = None
    while place < len(tokens):
        found = _INDEX.get(lowers[place]) or _marked(tokens[place][0])
        mention = _mention(text, tokens, lowers, place, found) if found else None
        if mention is None:
            place += 1
            continue
        while place < len(tokens) and tokens[place][1] < mention.end:
            place += 1
        if last is not None:
            gap = text[last.end : mention.start]
            if last.venue == mention.venue and len(gap) < LONGEST // 2:
                kind = last.kind or mention.kind
                last = replace(last, end=mention.end, kind=kind, is_spelled_out=True)
                continue
            if last.is_spelled_out and gap.strip() in {"(", ":", "- ("}:
                last = replace(mention, start=last.start, is_spelled_out=True)
                continue
            yield last
        last = mention
    if last is not None:
        yield last


def _marked(word: str) -> list[_Spelling]:
    """Return the spellings of an acronym that has a letter more for a part of the conference."""
    if len(word) <= _LOOSE or word[-1] not in _MARKS:
        return []
    return [
        replace(spelling, exact=())
        for spelling in _INDEX.get(word[:-1].lower(), ())
        if len(spelling.words) == 1
    ]


def _mention(
    text: str,
    tokens: list[tuple[str, int, int]],
    lowers: list[str],
    place: int,
    found: list[_Spelling],
) -> _Mention | None:
    word, start, end = tokens[place]
    if start and text[start - 1].isalnum() and not word.isdigit():
        # The end of a longer acronym, such as AI4CC.
        return None
    for spelling in found:
        count = len(spelling.words)
        if count == 1:
            stop = end
            if _RUNS_ON.match(text, stop):
                continue
        else:
            if tuple(lowers[place : place + count]) != spelling.words:
                continue
            if not _is_unbroken(text, tokens[place : place + count]):
                continue
            stop = tokens[place + count - 1][2]
        if spelling.exact and spelling.exact != tuple(
            token[0] for token in tokens[place : place + count]
        ):
            in_capitals = count == 1 and word.isupper() and len(word) > _SHORT
            if not in_capitals:
                continue
        is_spelled_out = count > _SHORT
        if (is_spelled_out or spelling.is_title) and _continues(text, stop, spelling.venue):
            continue
        kind = "" if count > 1 or lowers[place] == spelling.words[0] else _MARKS[word[-1]]
        return _Mention(start, stop, spelling.venue, kind, is_spelled_out, spelling.is_title)
    return None


def _is_unbroken(text: str, tokens: list[tuple[str, int, int]]) -> bool:
    """Whether only light punctuation stands between words."""
    for (_, _, end), (_, start, _) in pairwise(tokens):
        gap = text[end:start]
        if len(gap) > len(", & ") or any(sign in gap for sign in "();"):
            return False
    return True


def _continues(text: str, end: int, venue: _Venue) -> bool:
    """Whether a name goes on as the longer name of another venue."""
    following = _FOLLOWING.match(text, end)
    if following is None:
        return False
    acronym = _OTHER_ACRONYM.match(text, end)
    if acronym:
        known = _INDEX.get(acronym[1].lower(), ())
        return all(spelling.venue != venue for spelling in known)
    word = following[1]
    return word is not None and (word in _JOINERS or word.lower() not in _PLAIN)


def _is_plain(text: str) -> bool:
    """Whether no word of `text` can be part of a name."""
    return all(word.lower() in _PLAIN or word.isdigit() for word in _TOKEN.findall(text))


def _label(text: str, mentions: list[_Mention], place: int, start: int, between: str = "") -> str:
    mention = mentions[place]
    following = place + 1
    while following < len(mentions) and mentions[following].venue == mention.venue:
        following += 1
    end = mentions[following].start if following < len(mentions) else len(text)
    if place and mentions[place - 1].end > start:
        start = mentions[place - 1].end
    if mention.venue.is_journal:
        year = _YEAR_AFTER.match(text, mention.end)
        return _fit(mention.venue.label, year[1] if year and len(year[1]) > _SHORT else "")
    year_text = _year(text, mention.start, mention.end, end)
    aside = _ASIDE.search(text, mention.end, end)
    kind = mention.kind or _kind(text[start : aside.start() if aside else end])
    if kind != "SRW" and (_is_within(between) or _names_part(text, mention.end)):
        kind = "Workshop"
    return _fit(mention.venue.label, year_text, kind)


def _is_within(between: str) -> bool:
    """Whether the words between an acceptance and a conference name something held at it."""
    if not between or _is_plain(between):
        return False
    capitals = [
        word for word in _TOKEN.findall(between) if word[0].isupper() and word.lower() not in _PLAIN
    ]
    return bool(capitals) and not _ASSEMBLY.search(between) and not _SECTION.search(between)


def _names_part(text: str, end: int) -> bool:
    """Whether another name stands between a conference and its year: `NeurIPS Unireps 2025`."""
    part = _PART.match(text, end)
    return part is not None and not _is_plain(part[1])


def _year(text: str, start: int, end: int, limit: int) -> str:
    after = _YEAR_AFTER.match(text, end)
    if after:
        later = _YEAR.search(text, after.end(), limit) if len(after[1]) == _SHORT else None
        # "HPCA-32, 2026" counts its meetings.
        return later[0] if later and text[after.start(1) - 1] == "-" else _full_year(after[1])
    inside = _YEAR.search(text, start, end)
    if inside:
        return inside[0]
    before = _YEAR_BEFORE.search(text[max(0, start - 120) : start])
    if before:
        return before[1]
    later = _YEAR.search(text, end, limit)
    if later and not _MONTH.search(text[end : later.start()]):
        return later[0]
    earlier = _YEAR.findall(text[:start])
    if len(set(earlier)) == 1:
        return str(earlier[0])
    return ""


def _full_year(year: str) -> str:
    return f"20{year}" if len(year) == _SHORT else year


def _kind(text: str) -> str:
    lowered = text.lower()
    for kind, stems, pattern in _KINDS:
        if any(stem in lowered for stem in stems) and pattern.search(lowered):
            return kind
    return ""


def _fit(name: str, year: str = "", kind: str = "") -> str:
    """Return a label of these, or none if it were too long to be one."""
    label = one_line(f"{name} {year} {kind}")
    return label if len(label) <= LONGEST else ""
