"""Recognizing languages and sentences; finding invented numbers, names and addresses."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daily_papers.llm.answer_schemas import ANSWERS, schema_of, shaped
from daily_papers.llm.check_answers import Context, Reason, Rejection, cleaned, judge, read_answer
from daily_papers.llm.check_language import LANGUAGES, foreign_to
from daily_papers.llm.check_numbers_and_names import invented_name, invented_number
from daily_papers.llm.check_sentences import is_cut, sentences
from daily_papers.llm.prompts import instructions

TEXTS = {
    "en": "We present a new method for the detection of anomalies in videos. It is better than the "
    "best of the earlier ones, and needs half of their memory.",
    "zh": "我们提出了一种检测视频中异常的新方法。它优于此前最好的方法，而所需的内存只有一半。",
    "zh-Hant": "我們提出了一種檢測影片中異常的新方法。它優於此前最好的方法，而所需的記憶體"
    "只有一半。",
    "ja": "本研究では、動画中の異常を検出する新しい手法を提案する。従来の最良の手法を上回り"
    "、必要なメモリは半分である。",
    "ko": "우리는 비디오에서 이상을 탐지하는 새로운 방법을 제안한다. 이 방법은 기존의 "
    "방법보다 우수하다.",
    "ru": "Мы предлагаем новый метод обнаружения аномалий в видео. Он лучше прежних и "
    "требует вдвое "
    "меньше памяти.",
    "uk": "Ми пропонуємо новий метод виявлення аномалій у відео. Він кращий за попередні й "
    "потребує "
    "вдвічі менше пам'яті, що підтверджує її користь.",
    "el": "Παρουσιάζουμε μια νέα μέθοδο για την ανίχνευση ανωμαλιών σε βίντεο. Είναι καλύτερη.",
    "ar": "نقدم طريقة جديدة للكشف عن الحالات الشاذة في مقاطع الفيديو. وهي أفضل من سابقاتها.",
    "fa": "ما روشی جدید برای تشخیص ناهنجاری در ویدیو پیشنهاد می‌کنیم. این روش بهتر از "
    "روش‌های پیشین است.",
    "he": "אנו מציגים שיטה חדשה לזיהוי חריגות בסרטוני וידאו. היא טובה מקודמותיה.",
    "hi": "हम वीडियो में विसंगतियों का पता लगाने के लिए एक नई विधि प्रस्तुत करते हैं। यह पहले से बेहतर है।",
    "th": "เราเสนอวิธีการใหม่สำหรับการตรวจจับความผิดปกติในวิดีโอ ซึ่งดีกว่าวิธีการเดิม",
    "de": "Wir stellen eine neue Methode zur Erkennung von Anomalien in Videos vor. Sie "
    "ist besser als "
    "die bisherigen und braucht nur die Hälfte des Speichers.",
    "fr": "Nous présentons une nouvelle méthode pour la détection des anomalies dans les "
    "vidéos. Elle "
    "est meilleure que les précédentes et demande deux fois moins de mémoire.",
    "es": "Presentamos un nuevo método para la detección de anomalías en los vídeos. Es "
    "mejor que los "
    "anteriores y necesita la mitad de la memoria.",
    "pt": "Apresentamos um novo método para a detecção de anomalias em vídeos. É melhor do que os "
    "anteriores e precisa de metade da memória.",
    "it": "Presentiamo un nuovo metodo per il rilevamento delle anomalie nei video. È migliore di "
    "quelli precedenti e richiede la metà della memoria.",
    "nl": "We presenteren een nieuwe methode voor de detectie van anomalieën in video's. "
    "Deze is beter "
    "dan de eerdere en heeft de helft van het geheugen nodig.",
    "sv": "Vi presenterar en ny metod för att upptäcka avvikelser i video. Den är bättre "
    "än de tidigare "
    "och behöver hälften så mycket minne.",
    "pl": "Przedstawiamy nową metodę wykrywania anomalii w nagraniach wideo. Jest ona lepsza niż "
    "wcześniejsze i nie wymaga tak dużo pamięci, co jest ważne dla użytkowników.",
    "cs": "Představujeme novou metodu pro detekci anomálií ve videu. Je lepší než "
    "předchozí metody a "
    "potřebuje jen polovinu paměti, která je k dispozici.",
    "tr": "Videolardaki anormalliklerin tespiti için yeni bir yöntem sunuyoruz. Bu yöntem önceki "
    "yöntemlerden daha iyi ve daha az bellek kullanan bir çözüm olarak öne çıkıyor.",
    "vi": "Chúng tôi trình bày một phương pháp mới để phát hiện các bất thường trong "
    "video. Phương pháp "
    "này tốt hơn các phương pháp trước và cần ít bộ nhớ hơn.",
    "id": "Kami menyajikan metode baru untuk mendeteksi anomali dalam video. Metode ini "
    "lebih baik dari "
    "yang sebelumnya dan hanya membutuhkan setengah memori.",
}


def test_each_language_has_a_text_here() -> None:
    """Every language that can be asked for has a text here."""
    assert set(TEXTS) == set(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_text_is_in_its_language_and_in_no_other(code: str) -> None:
    """Each text is recognized as its own language, and as no other one."""
    assert foreign_to(TEXTS[code], code) == ""
    for other in LANGUAGES:
        # Their scripts are the same, and short texts may lack the letters that differ.
        if other != code and {other, code} not in ({"ru", "uk"}, {"ar", "fa"}):
            assert foreign_to(TEXTS[code], other) != "", other


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_sentence_in_english_is_found(code: str) -> None:
    """A text with one sentence left in English is not accepted."""
    left = (
        "An extensive study of the components shows that most of the gain is due to the new data."
    )
    assert foreign_to(f"{TEXTS[code]} {TEXTS[code]} {left}", code) != ""


def test_names_and_formulas_are_of_no_language() -> None:
    """Names and formulas do not count towards the language."""
    text = "我们在 ImageNet、COCO 和 ADE20K 上评估 ViT-B/16，误差为 $O(\\sqrt{n})$，见 "
    "https://example.org/x。"
    assert foreign_to(text, "zh") == ""
    assert foreign_to("YOLO-World：实时开放词汇检测", "zh", short=True) == ""


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("One. Two! Three?", "en", 3),
        ("Smith et al. show this, e.g. in Fig. 2. It holds.", "en", 2),
        ("精度为 87.4%。代码已公开！", "zh", 2),
        ("It costs 3.5 of them, i.e. more than v2.0 did.", "en", 1),
        ("A line\nends no sentence. It\u3000goes on.", "en", 2),
        ("Siehe z.B. Abb. 3.\u3000Es hält, d.h. es fällt nicht.", "de", 2),
    ],
)
def test_sentences(text: str, code: str, expected: int) -> None:
    """Sentences end with a mark, and not at abbreviations or in numbers."""
    assert len(sentences(text, code)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It ends.", False),
        ("It ends (here).", False),
        ("See https://example.org/a", False),
        ("它结束了。", False),
        ("它结束了……", True),
        ("它还没有，", True),
        ("It goes on and", True),
        ("It goes on...", True),
    ],
)
def test_a_text_that_is_cut(text: str, *, expected: bool) -> None:
    """A text ends as sentences of its language do, or with an address."""
    assert is_cut(text, "") is expected


def test_a_translation_may_end_as_its_source() -> None:
    """Where the abstract has no end, its translation needs none."""
    assert not is_cut("代码见此处", "The code is here")
    assert is_cut("代码见此处", "The code is here.")


@pytest.mark.parametrize(
    ("text", "source", "is_new"),
    [
        ("12 亿参数", "1.2 billion parameters", False),
        ("超过 10 万张图像", "over 100K images", False),
        ("1,000 个样本", "one thousand samples", False),
        ("提升 2 倍", "doubles it", False),
        ("三分之一，即 1/3", "a third", False),
        ("25 个词", "twenty-five words", False),
        ("20 世纪 90 年代", "in the 1990s", False),
        ("2025 年 11 月", "November 2025", False),
        ("3,5 Prozent", "3.5 percent", False),
        ("1.234,5 Euro", "1,234.5 euros", False),
        ("версии 2.1.3", "version 2.1.3", False),
        ("2 亿", "200 million", False),
        ("50 万", "half a million", False),
        ("延迟为 40ms", "a latency of 40 ms", False),
        ("10 万", "a hundred thousand", False),
        ("一万二千幅", "twelve thousand drawings", False),
        ("两个模型，一个更好", "models", False),
        ("我们用十六块 GPU", "sixteen GPUs", False),
        ("二十年来，二十一点，十几个，三十万", "for two decades, blackjack", False),
        ("10 060 jetons", "10,060 tokens", False),
        ("10\u202f060 jetons", "10,060 tokens", False),
        ("1.08万亿", "1.08 trillion", False),
        ("1万2500张", "12,500 images", False),
        ("3만 5천 개", "35,000 items", False),
        ("3만5천", "35k", False),
        ("12 लाख", "1.2 million", False),
        ("2 करोड़", "20 million", False),
        ("१२,३४,५६७", "1,234,567", False),
        ("٧ مليارات", "7 billion", False),
        ("١٬٠٦٠", "1,060", False),
        ("٤٫٢", "4.2", False),
        ("7 mil millones", "7 billion", False),
        ("7 tỷ tham số", "7 billion parameters", False),
        ("1,08 nghìn tỷ", "1.08 trillion", False),
        ("四倍", "fourfold", False),
        ("减少4倍", "fourfold", False),
        ("1月", "Jan. 2025", False),
        ("10倍", "ten-fold", False),
        ("10 倍", "10x", False),
        ("3 个数量级", "three orders of magnitude", False),
        ("50%", "half of", False),
        ("2 倍", "doubled", False),
        ("100 万", "one million", False),
        ("10^6", "$10^6$", False),
        ("100 万", "$10^6$ samples", False),
        ("3×10⁵", "$3 \\times 10^5$", False),
        ("12 Mio.", "12 million", False),
        ("1,5 Mrd.", "1.5 billion", False),
        ("3,5 тыс.", "3,500", False),
        ("3,5 тисяч", "3.5k", False),
        ("1080 миллиардов", "1.08 trillion", False),
        ("1.080 miliardi", "1.08 trillion", False),
        ("2,3 juta", "2.3 million", False),
        ("4,5 milyar", "4.5 billion", False),
        ("12 bin", "12,000", False),
        ("2 ribu", "2,000", False),
        ("70億", "7 billion", False),
        ("12,500", "$12{,}500$", False),
        ("12 500", "12\\,500", False),
        ("1.5 倍", "one and a half times", False),
        ("19 世纪", "the nineteenth century", False),
        ("1兆800億", "1.08 trillion", False),
        ("1万60", "10,060", False),
        ("5천만", "50 million", False),
        ("2천", "2,000", False),
        ("第2阶段", "the second stage", False),
        ("2 段階", "two-stage", False),
        ("第 3 型", "Type III", False),
        ("3D", "3D", False),
        ("20 世纪", "20th century", False),
        ("5 位专家", "five experts", False),
        ("五名专家", "five experts", False),
        ("十二个", "a dozen", False),
        ("24 小时", "24 hours", False),
        ("2024/25", "2024/25", False),
        ("1/3", "one third", False),
        ("33,3 %", "33.3%", False),
        ("9.5e-3", "9.5e-3", False),
        ("0,001", "0.001", False),
        ("1 000 000", "1M", False),
        ("3 m", "3 metres", False),
        ("5 t", "5 tonnes", False),
        ("15 ppt", "15 points", False),
        ("\uff14\uff10％", "40%", False),
        ("一一对应", "one-to-one correspondence", False),
        ("三四十个样本", "thirty to forty samples", False),
        ("两三个", "two or three", False),
        ("降低75%", "by three quarters", False),
        ("减少三分之二，即67%", "by two thirds", False),
        ("十分重要", "important", False),
        ("2025年12月", "December 2025", False),
        ("第21世纪", "21st century", False),
        ("二十一世纪", "21st century", False),
        ("双模态2种", "bimodal", False),
        ("16位", "sixteen-bit", False),
        ("百分之八十五", "85%", False),
        ("85 Prozent", "eighty-five percent", False),
        ("一百零五", "105", False),
        ("105", "one hundred and five", False),
        ("1,5 mil", "1,500", False),
        ("1 500", "1,500", False),
        ("12.5K", "12,500", False),
        ("12,500", "12.5K", False),
        ("2.4倍", "2.4x", False),
        ("24×", "24-fold", False),
        ("2 to 3", "two to three", False),
        ("90年代", "the nineties", False),
        ("20世纪60年代", "the 1960s", False),
        ("10⁻³", "10^{-3}", False),
        ("1e-4", "0.0001", False),
        ("3 × 10^-4", "0.0003", False),
        ("O(n²)", "$O(n^2)$", False),
        ("50%以上", "more than half", False),
        ("25%", "a quarter", False),
        ("33%", "a third", False),
        ("1/4", "one fourth", False),
        ("第11届", "the 11th", False),
        ("十一", "eleven", False),
        ("十五种方法", "fifteen methods", False),
        ("一万二千五百", "12,500", False),
        ("2万5千", "25,000", False),
        ("1亿2千万", "120 million", False),
        ("1억 2천만", "120 million", False),
        ("१.५ लाख", "150,000", False),
        ("٪٨٧٫٤", "87.4%", False),
        ("۱۲٬۵۰۰", "12,500", False),
        ("12 500", "12,500", False),
        ("12.500", "12,500", False),
        ("12'500", "12,500", False),
        ("0.5", "half", False),
        ("2/3", "two thirds", False),
        ("99.9%", "99.9\\%", False),
        ("100倍", "two orders of magnitude", False),
        ("4K", "4K", False),
        ("三维3D", "three-dimensional", False),
        ("128×128", "128x128", False),
        ("7B和13B", "7B and 13B", False),
        ("5千万", "50M", False),
        ("15万小时", "150k hours", False),
        ("数以万计", "tens of thousands", False),
        ("8 trên 10", "8 out of 10", False),
        ("12 nghìn", "12K", False),
        ("95.4%", "94.5%", True),
        ("10 061", "10,060", True),
        ("84.7", "87.4", True),
        ("2024", "2025", True),
        ("91.2%", "87.4%", True),
        ("13 个数据集", "12 datasets", True),
        ("128 层", "a deep network", True),
        ("2031年", "2025", True),
        # What is not seen: a wrong power of ten, another small number, and one in such characters.
        ("120 亿参数", "1.2 billion parameters", False),
        ("7 个基线", "five baselines", False),
        ("1.2 亿", "1.2 billion", False),
        ("六个基线", "five baselines", False),
        ("我们用十七块 GPU", "sixteen GPUs", False),
        ("120 亿", "1.2 billion", False),
        ("2 万", "12,000", False),
        ("6 倍", "fourfold", False),
        ("7 triệu", "7 billion", False),
        ("7 millones", "7 billion", False),
        ("3만 6천", "35,000", False),
        ("2 月", "Jan.", False),
        ("十七块", "16 GPUs", False),
        ("12 करोड़", "1.2 million", False),
        ("十八种", "eleven methods", False),
    ],
)
def test_a_number_that_was_not_there(text: str, source: str, *, is_new: bool) -> None:
    """A number is the same in every way of writing, grouping and scaling it."""
    assert bool(invented_number(text, source)) is is_new


@pytest.mark.parametrize(
    ("text", "source", "code", "expected"),
    [
        ("基于 LLM 的方法", "based on large language models", "zh", ""),
        ("Transformer 模型", "transformers", "zh", ""),
        ("在 ImageNet 上", "on a data set", "zh", "ImageNet"),
        ("$\\alpha$ 与 \\beta", "some letters", "zh", ""),
        ("延迟 40 ms", "a latency of 40 milliseconds", "zh", ""),
        ("SOTA 结果", "state-of-the-art results", "zh", ""),
        ("mit dem Modell ResNet50", "with a model", "de", "ResNet50"),
        ("mit KI und Daten", "with artificial intelligence and data", "de", ""),
    ],
)
def test_a_name_that_was_not_there(text: str, source: str, code: str, expected: str) -> None:
    """A translation's names are in the source, or are initials of its words."""
    assert invented_name(text, source, code) == expected


@pytest.mark.parametrize(
    ("text", "source", "code", "is_new"),
    [
        ("交并比（IoU）", "the intersection over union", "zh", False),
        ("CoT 提示", "chain-of-thought prompting", "zh", False),
        ("MoE 层", "a mixture of experts", "zh", False),
        ("LoRA 微调", "low-rank adaptation", "zh", False),
        ("RAG", "retrieval-augmented generation", "zh", False),
        ("RLHF", "reinforcement learning from human feedback", "zh", False),
        ("GAN 网络", "generative adversarial networks", "zh", False),
        ("PEFT", "parameter-efficient fine-tuning", "zh", False),
        ("LLMs", "large language models", "zh", False),
        ("ViT", "vision transformer", "zh", False),
        ("mIoU", "mean intersection over union", "zh", False),
        ("VQA", "visual question answering", "zh", False),
        ("SLAM", "simultaneous localization and mapping", "zh", False),
        ("NeRF", "neural radiance fields", "zh", False),
        ("MLLM", "multimodal large language models", "zh", False),
        ("PDE", "partial differential equations", "zh", False),
        ("DDPM", "denoising diffusion probabilistic models", "zh", False),
        ("KI", "AI", "de", False),
        ("3D-Modell", "3D model", "de", False),
        ("Gauss 分布", "Gaussian", "zh", False),
        ("token 数", "tokens", "zh", False),
        ("UAV", "unmanned aerial vehicles", "zh", False),
        ("MRI", "magnetic resonance imaging", "zh", False),
        ("CNN", "convolutional neural networks", "zh", False),
        ("SGD", "stochastic gradient descent", "zh", False),
        ("MCTS", "Monte Carlo tree search", "zh", False),
        ("XAI", "explainable AI", "zh", False),
        ("ImageNet", "a data set", "zh", True),
        ("OpenAI", "we", "zh", True),
        ("COCO", "WidgetBench", "zh", True),
        ("BERT", "a language model", "zh", True),
        ("ResNet50", "a model", "de", True),
    ],
)
def test_acronyms_that_the_source_spells_out(
    text: str, source: str, code: str, *, is_new: bool
) -> None:
    """An acronym may be made of the source's words; another name may not stand for them."""
    assert bool(invented_name(text, source, code)) is is_new


def test_an_address_may_be_broken_by_the_line() -> None:
    """An address that is broken at the end of a line of the first page counts as given."""
    page = "Code: https://github.com/\nada/widgets\nAnd \\url{https://example.org/data}."
    fields = {
        "field": "ai",
        "subfield": "widgets",
        "keywords": ["widgets", "drawings"],
        "institutions": [],
        "code": ["https://github.com/ada/widgets", "http://www.example.org/data/"],
        "contributions": ["A model that draws."],
        "summary": "A model that draws widgets is shown. It is better than all of the others.",
    }
    context = Context("A title", "An abstract. " * 20, page)
    assert judge("summary", fields, context, "en") is None
    fields["code"] = ["https://github.com/ada"]
    fault = judge("summary", fields, context, "en")
    assert fault is not None
    assert fault.reason is Reason.LINK


@pytest.mark.parametrize("task", ANSWERS)
def test_the_schema_is_strict(task: str) -> None:
    """Every field is required and no other is allowed, as strict endpoints want."""

    def check(schema: dict[str, object]) -> None:
        properties = schema["properties"]
        assert isinstance(properties, dict)
        assert schema["required"] == list(properties)
        assert schema["additionalProperties"] is False

    schema = schema_of(task)
    check(schema)
    for inner in schema.get("$defs", {}).values():
        check(inner)


@pytest.mark.parametrize("task", ANSWERS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_question_names_every_field(task: str, code: str) -> None:
    """The prompt names the language and each field, for endpoints that take no schema."""
    rules = instructions(task, code)
    assert all(f'"{name}"' in rules for name in schema_of(task)["properties"])
    assert "{" not in rules.replace('{"topic"', "").replace('{"paper"', "")
    assert "JSON" in rules
    assert task == "ranking" or LANGUAGES[code].name in rules


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("MIT", True),
        ("Tsinghua University", True),
        ("University of Oxford", True),
        ("UC Berkeley", True),
        ("清华大学", True),
        ("ITEM", False),
        ("LIMIT", False),
        ("Univers", False),
        ("Oxford MIT", False),
        ("base", False),
        ("We", False),
        ("A", False),
    ],
)
def test_an_institution_stands_there_as_it_is(name: str, kept: bool) -> None:
    """An institution is kept if its whole words are in what was given, one after the other."""
    page = "A limit of items. We base on it.\n1Tsinghua University 2MIT Univer-\nsity of Oxford"
    context = Context(more=f"{page}, UC\nBerkeley, 清华大学计算机系")
    fields = {"field": "", "subfield": "", "keywords": [], "code": [], "institutions": [name]}
    assert cleaned("summary", fields, context)["institutions"] == ([name] if kept else [])


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@example('{"\\ud800": 1}', "ranking")
@given(st.text() | ANY_JSON.map(json.dumps), st.sampled_from(sorted(ANSWERS)))
def test_whatever_is_answered(content: str, task: str) -> None:
    """Any text or object is read or rejected, without an error."""
    answer = read_answer(content, cut=False, refused=False)
    if isinstance(answer, dict):
        assert isinstance(shaped(task, answer, "1"), (dict, Rejection))


@given(st.text(max_size=300), st.sampled_from(sorted(LANGUAGES)), st.text(max_size=40))
def test_whatever_the_texts_are(text: str, code: str, title: str) -> None:
    """Any texts are judged without an error, and empty ones are rejected."""
    context = Context(title, text, papers=("2611.00001v1",))
    for task, fields in {
        "translation": {"title": title, "abstract": text},
        "analysis": {
            "contributions": [text],
            "method": text,
            "impact": title,
            "applications": [title],
            "limitations": [],
        },
    }.items():
        fault = judge(task, cleaned(task, fields, context), context, code)
        if not title.strip():
            assert fault is not None
