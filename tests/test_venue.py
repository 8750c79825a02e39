import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.data import load
from daily_papers.facts.venue import LONGEST
from factories import make_paper


def label(comment: str = "", journal_ref: str = "") -> str:
    """Return the label of a paper with these texts."""
    return make_paper(comment=comment, journal_ref=journal_ref).venue


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("Accepted at CVPR 2025", "CVPR 2025"),
        ("12 pages, 3 figures. Accepted by CVPR'25.", "CVPR 2025"),
        ("Accepted to AAAI-26", "AAAI 2026"),
        ("accepted by ICML2026", "ICML 2026"),
        ("To appear in NeurIPS (2025)", "NeurIPS 2025"),
        ("Accpeted to KDD '26", "KDD 2026"),
        ("Published as a conference paper at ICLR 2026", "ICLR 2026"),
        (
            "In Proceedings of the 2025 IEEE International Conference on Robotics and Automation",
            "ICRA 2025",
        ),
        (
            "Accepted to the 43rd International Conference on Machine Learning (ICML 2026)",
            "ICML 2026",
        ),
        (
            "Accepted for publication in IEEE Trans. Pattern Anal. Mach. Intell. 9 pages",
            "IEEE TPAMI",
        ),
        ("To appear in Transactions on Machine Learning Research (TMLR)", "TMLR"),
        ("Accepted to Pattern Recognition. 30 pages", "Pattern Recognition"),
        ("This article is accepted by IEEE Transactions on Robotics", "IEEE TRO"),
        ("WACV 2026 accepted paper", "WACV 2026"),
        ("Submitted to and accepted by ICASSP 2026", "ICASSP 2026"),
        ("Accepted to the ACM Web Conference 2026", "WWW 2026"),
    ],
)
def test_an_acceptance_names_its_venue(comment: str, expected: str) -> None:
    """A comment that says where the paper was accepted gives that venue's short name and year."""
    assert label(comment) == expected


@pytest.mark.parametrize(
    "comment",
    [
        "Submitted to CVPR 2026",
        "Under review at ICLR 2026",
        "ICLR 2026 under review",
        "NeurIPS 2026 submission",
        "In submission to ACL 2026",
        "Under double-blind review as a conference paper at COLM 2026",
        "Rejected from ICML 2025",
        "To be submitted to ICML 2026",
        "We plan to submit this to ICML 2026",
        "Extended version of our ICCV 2025 paper",
        "This is the extended version of a paper accepted at AAAI 2026",
        "An earlier version was presented at the NeurIPS 2024 workshop on sets",
        "Follow-up of our paper accepted at ICML 2024",
        "ACL 2026 template, 9 pages",
        "Formatted for ICLR 2026",
        "Code from CVPR 2025 is used",
        "Winner of the CVPR 2025 challenge on counting",
        "Second place of the NeurIPS 2025 competition on maps",
        "Technical report of the KDD 2025 cup",
        "Reproducibility study of a method of CVPR 2024",
        "Not accepted at ICLR 2026",
        "This paper has not been accepted at ICML 2025",
        "Code will be released if accepted at ICML 2026",
        "Code: https://example.org/CVPR2026",
        "arXiv admin note: substantial text overlap with arXiv:2503.01234",
        "9 pages, ICCV",
        "Under review",
        "Accepted",
        "Accepted for publication in Springer LNCS",
        "Published in IEEE 2025",
        "Accepted in 2026",
        "20 pages, 25 figures",
        "",
    ],
)
def test_what_is_no_acceptance_has_no_venue(comment: str) -> None:
    """A submission, an extension, a contest, a template or other work gives no venue."""
    assert label(comment) == ""


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("CVPR 2026", "CVPR 2026"),
        ("9 pages, 4 figures, ICML 2026", "ICML 2026"),
        ("ICML 2026 Camera Ready; code is public", "ICML 2026"),
        ("ACL 2026 (main conference)", "ACL 2026"),
        ("2026 ICLR", "ICLR 2026"),
        ("The Fortieth AAAI Conference on Artificial Intelligence", "AAAI"),
        ("FOOBAR 2026", "FOOBAR 2026"),
    ],
)
def test_a_bare_name_with_a_year_counts(comment: str, expected: str) -> None:
    """A comment that only names a venue and its year is taken as its acceptance there."""
    assert label(comment) == expected


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("Accepted at the ICML 2026 Workshop on Trees", "ICML 2026 Workshop"),
        (
            "Accepted at the Second Workshop on Trees (TREES 2026), co-located with ACL 2026",
            "ACL 2026 Workshop",
        ),
        ("Accepted to TreeNLP @ ACL 2026", "ACL 2026 Workshop"),
        ("TreeNLP@EACL2026", "EACL 2026 Workshop"),
        ("Accepted to NeurIPS Treereps 2025", "NeurIPS 2025 Workshop"),
        ("Trees for Vision Workshop at CVPR 2026", "CVPR 2026 Workshop"),
        ("Accepted at CVPRW 2026", "CVPR 2026 Workshop"),
        ("Accepted at Trees in the Wild at ICLR 2026", "ICLR 2026 Workshop"),
        ("Accepted to the AAAI 2026 Spring Symposium on trees", "AAAI 2026 Symposium"),
        ("EACL 2026 Student Research Workshop", "EACL 2026 SRW"),
        ("Accepted at the 6th International Workshop on Trees (TREES'24)", "TREES 2024 Workshop"),
    ],
)
def test_a_workshop_is_never_its_conference(comment: str, expected: str) -> None:
    """Workshops and the like get a label of their own, never that of their conference."""
    assert label(comment) == expected


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("Accepted to Findings of EMNLP 2025", "EMNLP 2025 Findings"),
        ("ACL Findings 2026", "ACL 2026 Findings"),
        (
            "In Findings of the Association for Computational Linguistics: EACL 2026",
            "EACL 2026 Findings",
        ),
        ("NeurIPS 2025 Datasets and Benchmarks Track", "NeurIPS 2025 D&B"),
        ("Accepted by NeurIPS 2026 D&B", "NeurIPS 2026 D&B"),
        ("Accepted to the Industry Track of SIGIR 2026", "SIGIR 2026 Industry"),
        ("Accepted to ACL 2026 System Demonstrations", "ACL 2026 Demo"),
        ("ICLR 2026 Oral", "ICLR 2026 Oral"),
        ("Accepted as a Spotlight at ICML 2026", "ICML 2026 Spotlight"),
    ],
)
def test_a_track_is_shown(comment: str, expected: str) -> None:
    """The track, or the form of presentation, is the last word of the label."""
    assert label(comment) == expected


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("Accepted to the 2nd International Conference on Some Trees (TREE-X 2026)", "TREE-X 2026"),
        ("Accepted at 2025 33rd International Conference on Wood Engineering (ICWE)", "ICWE 2025"),
        ("Accepted at FOOBAR 2026", "FOOBAR 2026"),
        ("Accepted for publication in Advanced Wood Materials", "Advanced Wood Materials"),
        ("Accepted at Wood Informatics 2026", "Wood Informatics 2026"),
        (
            "Accepted at the Annual Conference on Rather Long and Unknown Matters of All Kinds",
            "",
        ),
        ("Accepted by some conference in 2026", ""),
    ],
)
def test_an_unknown_venue_is_shown_where_that_is_safe(comment: str, expected: str) -> None:
    """After an acceptance, an unknown acronym with a year, or a whole title, is a venue."""
    assert label(comment) == expected


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("Accepted to the International Conference on Machine Learning and Applications", "ICMLA"),
        (
            "Accepted to the International Conference on Computer Vision Theory and Applications",
            "VISAPP",
        ),
        (
            "Accepted at the 2nd International Conference on Machine Learning for Oak (MLFT 2025)",
            "MLFT 2025",
        ),
        ("Accepted at the 39th Symposium on Compact Trees (HPCA-39), 2026", "HPCA 2026"),
        ("Accepted to TREE4CV, a CVPR 2026 Workshop", "CVPR 2026 Workshop"),
    ],
)
def test_a_longer_name_is_not_taken_for_a_shorter_one(comment: str, expected: str) -> None:
    """A name that contains a known one is a different venue; an edition number is not a year."""
    assert label(comment) == expected


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("Accepted at ACL 2026. Submitted to EMNLP 2026 before", "ACL 2026"),
        ("Accepted at WACV 2026, under review at IEEE TPAMI", "WACV 2026"),
        ("ECCV 2024. The extension is accepted by IJCV", "IJCV"),
        ("NeurIPS 2025; also presented at the ICML 2025 Workshop on Trees", "NeurIPS 2025"),
        ("Accepted to ICLR 2026 and presented at AAAI 2026", "ICLR 2026"),
        ("Accepted to IJCV. Extended version of our CVPR 2024 paper", "IJCV"),
    ],
)
def test_of_several_the_accepting_venue_is_shown(comment: str, expected: str) -> None:
    """Of several, the first that accepted the paper is shown, a conference before a workshop."""
    assert label(comment) == expected


@pytest.mark.parametrize(
    ("journal_ref", "expected"),
    [
        ("Phys. Rev. Lett. 130, 012345 (2026)", "Physical Review Letters"),
        ("J.Phys.Conf.Ser.309:012012,2011", "J. Phys. Conf. Ser."),
        ("Solid State Communications, v.167, pp.27 - 30 (2013)", "Solid State Communications"),
        ("Journal of Wood Physics 116, 244307 (2014)", "Journal of Wood Physics"),
        ("British Machine Vision Conference (BMVC) 2025", "BMVC 2025"),
        (
            "In Proceedings of the Ninth Conference on Tree Grafting (CTG 2024), pages 1-9, 2024",
            "CTG 2024",
        ),
        ("https://example.org/1", ""),
    ],
)
def test_a_journal_reference_is_a_publication(journal_ref: str, expected: str) -> None:
    """A journal reference needs no acceptance, and takes precedence over the comment."""
    assert label(journal_ref=journal_ref) == expected
    assert label("CVPR 2024", journal_ref) == (expected or "CVPR 2024")


def test_no_year_is_guessed() -> None:
    """A venue without a year in the text has none, whatever the paper's dates."""
    assert label("Accepted to CoNLL") == "CoNLL"
    assert label("Accepted to CVPR in May 2026") == "CVPR"
    assert label("Accepted to ACL. 30 pages") == "ACL"
    assert label("Accepted to ICLR 18 pages") == "ICLR"


def test_the_year_before_a_name_is_preferred_to_a_later_number() -> None:
    """A pasted BibTeX entry has its edition before the name and page numbers after it."""
    entry = "booktitle={2025 IEEE 41st International Conference on Data Engineering (ICDE)}"
    assert label(f"@inproceedings{{a, {entry}, pages={{1938–1951}}}}").startswith("ICDE 2025")
    assert label("At the 2025 Conference on Robot Learning (CoRL), Seoul 2026") == "CoRL 2025"


_PIECES = st.sampled_from(
    [
        *[
            "Accepted",
            "at",
            "to",
            "submitted",
            "Workshop",
            "on",
            "@",
            "(",
            ")",
            ",",
            ". ",
            "; ",
            "in",
        ],
        *["CVPR", "2026", "'26", "-", "ACL", "Findings", "IEEE", "Transactions", "International"],
        *["Conference", "Journal", "of", "Trees", "İ", "\n", "|", "AAAAAAAAAAAAAAAAA", "26", "&"],
    ]
)


@given(st.one_of(st.text(), st.lists(_PIECES, max_size=40).map(" ".join)), st.text(max_size=40))
def test_any_text_gives_one_short_line(comment: str, journal_ref: str) -> None:
    """For any comment the label is one line of at most LONGEST characters."""
    text = label(comment, journal_ref)
    assert len(text) <= LONGEST
    assert text == " ".join(text.split())


@pytest.mark.parametrize("piece", ["A", "Accepted at ", "1 ", "a-", "(", "Workshop ", "A&", "th "])
def test_a_hostile_comment_is_parsed_quickly(piece: str) -> None:
    """Comments that make patterns backtrack are parsed in less than a second."""
    start = time.process_time()
    label("Accepted at the Conference on " + piece * 20_000)
    assert time.process_time() - start < 1


def test_every_spelling_in_the_tables_is_found() -> None:
    """Each spelling in the tables gives the label of its venue."""
    for table, field in (("venues", "comment"), ("journals", "journal_ref")):
        names = {name: [] for name in load(table)["names"]} | load(table)["spellings"]
        for venue, spellings in names.items():
            for name in (venue, *spellings):
                text = f"Accepted by {name}" if field == "comment" else name
                assert label(**{field: text}).removesuffix(" Workshop") == venue, name


@pytest.mark.parametrize(
    "comment",
    [
        "The full version of the paper accepted by CAV 2026",
        "Full-length version of a paper presented at UMAP 2026",
        "An associated poster version was accepted at CHI 2026",
        "Conditionally accepted to SIGGRAPH 2026",
        "Accepted in part at ICML 2026",
        "Invited talk at ICML 2026",
        "Presented as an invited talk at ICML 2026",
        "arXiv version of the paper published at SODA 2026",
    ],
)
def test_another_version_or_half_an_acceptance_has_no_venue(comment: str) -> None:
    """Another version of an accepted paper, or a conditional acceptance, gives no venue."""
    assert label(comment) == ""


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("Proc. IEEE 21st International Conference on Trees (ICAUT 2025), pp. 1-7", "ICAUT 2025"),
        ("Proc. IEEE International Conference on Trees (ICAUT 2025), pp. 1-7", "ICAUT 2025"),
        ("Proc. IEEE International Conference on Trees, 2025", ""),
        ("Proc. IEEE 105, 2295 (2017)", "Proc. IEEE"),
    ],
)
def test_the_proceedings_of_a_conference_are_no_journal(reference: str, expected: str) -> None:
    """`Proc. IEEE` is a journal, but not at the beginning of the name of a conference."""
    assert label(journal_ref=reference) == expected
