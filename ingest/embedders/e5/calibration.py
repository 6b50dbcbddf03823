"""The texts that the ranges of the activations are measured on.

They are wide on purpose: ranges of prose alone cut off what source code, logs, tables, symbols
and emoji reach. Each text is seen as a document, the short ones as a question too.
"""

from __future__ import annotations

import hashlib
from itertools import chain

_ENGLISH = (
    "The harbour froze in the second week of January, and for nineteen days no ship came in.",
    "Who designed the lighthouse, and in which year was its lamp first lit?",
    "Whereas the Lessee has paid the deposit in full, the Lessor shall hand over the premises "
    "within ten (10) business days; failing that, the penalty under Section 4.2(b) applies.",
    "Revenue rose 12.4% year over year to $1,284.7 million, while operating margin fell by 60 "
    "basis points to 8.1%, mainly because of freight costs and a one-off charge of $14.2 million.",
    "We randomised 412 patients (mean age 63.1 ± 9.4 years; 48% women) to 5 mg or placebo. The "
    "hazard ratio was 0.71 (95% CI 0.55-0.92; p = 0.009). Adverse events were mild.",
    "Preheat the oven to 220 °C. Fold the dough four times, let it rest for 30 minutes between "
    "folds, then bake on a hot stone until the crust is dark brown, about 35 min.",
    "how to reset password",
    "refund policy???",
    "I can't believe it's already over!!! Thanks, everyone, you've been great — see you next year.",
    "Dear Ms. O'Neill, thank you for your letter of 3 March. I regret to say that we cannot accept "
    "returns after 30 days. Kind regards, J. Smith (Customer Care)",
    "Photosynthesis converts light energy into chemical energy: 6 CO2 + 6 H2O → C6H12O6 + 6 O2. In "
    "C4 plants, carbon dioxide is first fixed into a four-carbon compound, which reduces losses.",
    "Chapter 7. In which the captain learns that the map was drawn by a man who had never been to "
    "sea, and the cook, for once, is right about the weather.",
    "CONFIDENTIAL. DO NOT DISTRIBUTE. ALL RIGHTS RESERVED.",
    "The quick brown fox jumps over the lazy dog.",
    "a",
    "yes",
)
_RUSSIAN = (
    "Гавань замёрзла на второй неделе января, и девятнадцать дней в неё не входило ни одно судно.",
    "Кто спроектировал маяк и в каком году впервые зажгли его лампу?",
    "Арендодатель обязуется передать помещение Арендатору в течение 10 (десяти) рабочих дней со "
    "дня "
    "подписания Договора; в случае просрочки начисляется пеня в размере 0,1 % за каждый день (п. "
    "4.2).",
    "Выручка выросла на 12,4 % и составила 1 284,7 млн руб., а рентабельность снизилась до 8,1 % "
    "из-за роста транспортных расходов и разового списания в 14,2 млн руб.",
    "В исследование включили 412 пациентов (средний возраст 63,1 ± 9,4 года). Отношение рисков "
    "составило 0,71 (95 % ДИ 0,55–0,92; p = 0,009); нежелательные явления были лёгкими.",
    "Тесто сложить четыре раза, дать отдохнуть 30 минут и выпекать при 220 °C до тёмной корки.",
    "как восстановить пароль",
    "возврат денег???",
    "Ну вот и всё!!! Спасибо, ребята, вы лучшие — до встречи в следующем году)))",
    "Уважаемая Анна Сергеевна! Благодарим за письмо от 3 марта. К сожалению, вернуть товар спустя "
    "30 дней нельзя. С уважением, отдел по работе с клиентами",
    "Фотосинтез — это превращение энергии света в энергию химических связей: 6CO₂ + 6H₂O → "
    "C₆H₁₂O₆ + "
    "6O₂. У растений типа C4 углекислый газ сначала связывается в четырёхуглеродное соединение.",
    "Глава седьмая, в которой капитан узнаёт, что карту рисовал человек, никогда не видевший "
    "моря, а "
    "кок впервые в жизни оказывается прав насчёт погоды.",
    "КОНФИДЕНЦИАЛЬНО. НЕ ДЛЯ РАСПРОСТРАНЕНИЯ. ВСЕ ПРАВА ЗАЩИЩЕНЫ.",
    "Съешь ещё этих мягких французских булок, да выпей же чаю.",
    "Статья 15 ГК РФ. Возмещение убытков. 1. Лицо, право которого нарушено, может требовать "
    "полного "
    "возмещения причинённых ему убытков, если законом или договором не предусмотрено иное.",
    "да",
)
_CODE = (
    "def merge(a: list[int], b: list[int]) -> list[int]:\n    i = j = 0\n    out = []\n    while "
    "i < "
    "len(a) and j < len(b):\n        if a[i] <= b[j]:\n            out.append(a[i]); i += 1\n    "
    "    "
    "else:\n            out.append(b[j]); j += 1\n    return out + a[i:] + b[j:]  # the rest\n",
    "#include <stdio.h>\nint main(int argc, char **argv) {\n  for (int i = 0; i < argc; ++i)\n    "
    'printf("%d: %s\\n", i, argv[i]);\n  return 0;\n}\n',
    "SELECT u.id, COUNT(*) AS n FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE "
    "o.created_at >= '2024-01-01' GROUP BY u.id HAVING COUNT(*) > 3 ORDER BY n DESC LIMIT 20;",
    '{"id": 4711, "name": "Ёж", "tags": ["a", "b"], "nested": {"x": null, "y": [1.5e-7, -2, '
    "true]}}",
    '<div class="row"><a href="https://example.com/?q=1&amp;p=2">link</a><br/><!-- note --></div>',
    "const f = async ({a, b = 2, ...rest}) => { await g(`${a}-${b}`); return {...rest, ok: !!a}; "
    "};",
    'fn main() -> Result<(), Box<dyn Error>> { let v: Vec<u8> = vec![0; 16]; println!("{v:?}"); '
    "Ok(()) }",
    "$ git log --oneline | grep -E '^[0-9a-f]{7}' | awk '{print $1}' | xargs -n1 git show --stat "
    "> o.txt 2>&1",
    "s/\\(foo\\)\\+/\\1bar/g; ^(?:[a-z0-9!#$%&'*+/=?^_`{|}~-]+)@(?:[a-z0-9-]+\\.)+[a-z]{2,}$",
    "\\begin{equation} \\int_{-\\infty}^{\\infty} e^{-x^2}\\,dx = \\sqrt{\\pi} \\end{equation}",
    "from __future__ import annotations\n\nimport os\nimport sys\n\n\nclass Node:\n    __slots__ = "
    "('left', 'right')\n\n    def __init__(self, left=None, right=None):\n        self.left, "
    'self.right = left, right\n\n    def __repr__(self):\n        return f"Node({self.left!r})"\n',
    "key: value\nlist:\n  - one\n  - two: {a: 1, b: [2, 3]}\nempty: ~\ntext: |\n  first\n  "
    "second\n",
)
_LOGS = (
    "2024-05-17T08:41:13.207Z ERROR [worker-12] req=9f86d081884c7d65 took 831.44ms status=503 "
    "path=/api/v1/items",
    '192.168.17.4 - - [10/Oct/2024:13:55:36 +0300] "GET /a/b?q=%D1%82%D0%B5%D1%81%D1%82 '
    'HTTP/1.1" 200 48213',
    'Traceback (most recent call last):\n  File "/srv/app/main.py", line 214, in <module>\n    '
    "run()\n"
    "KeyError: 'session_id'",
    "May  3 04:12:55 host kernel: [12345.678901] eth0: link down; dropped 17 packets (rx_errors=3)",
    "ОШИБКА: не удалось открыть файл /var/lib/данные/0042.db (код 13: Отказано в доступе)",
    "0x7ffd3c2a1b40: 48 89 e5 48 83 ec 20 89 7d ec c7 45 fc 00 00 00 00 eb 1e 8b 45 fc ff d0 90 c3",
    "at com.example.Service.call(Service.java:482) at "
    "java.base/java.lang.Thread.run(Thread.java:1583)",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 "
    "aGVsbG8gd29ybGQgYmFzZTY0Cg==",
    "550e8400-e29b-41d4-a716-446655440000;;;0;;;NaN;;;-1;;;1.7976931348623157e+308;;;2024-02-29;;;",
    "CPU 98% MEM 7.2G/8.0G SWAP 1.1G | pid 4711 nginx | pid 4712 postgres: writer process | load "
    "7.31 5.02 2.20",
    'C:\\Program Files\\App\\bin\\start.exe -Xmx4g --config="C:\\Users\\Иван\\cfg.ini" && exit '
    "/b %ERRORLEVEL%",
)
_SYMBOLS = (
    "Name | Qty | Price\n--- | ---: | ---:\nbolt M8 | 1 200 | 0,14 €\nгайка М8 | 950 | 0,09 "
    "€\nИтого: | | 253,50 €",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 100 1000 10000 3.14159265358979 "
    "2.71828182845905",
    "================================================================ ---------------- "
    "________________",
    ". . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . "
    ". . . .",
    "!@#$%^&*()_+-=[]{}|;':\",./<>?`~ «»„“”‘’–—…•·§¶†‡°±×÷≈≠≤≥∞∑∏√∫∂∇∈∉⊂⊆∪∩→←↔⇒⇔∀∃¬∧∨",
    "α β γ δ ε λ μ π σ ω Ω ∆ x² + y² = r², f: ℝⁿ → ℝ, ‖v‖₂ ≤ ε, H₂SO₄, 5 µm, 10⁻⁹ Ω·m",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "ААААААААААААААААААААААААААААААА!!!!!!!!!!!!!!!!!! хахахахахахахахахахахахаха ))))))))))))",
    "да да да да да да да да да да да да да да да да no no no no no no no no no no no no no no",
    "qwrtpsdfghjklzxcvbnm ыъэжщшцчфх zzyzx kjsdhfkjsdhf лваыдлоарлывоа xXx_1337_xXx",
    "https://www.example.org/wiki/%D0%9C%D0%BE%D1%81%D0%BA%D0%B2%D0%B0?utm_source=x&id=42#top "
    "mail@example.org",
    "┌──────┬──────┐ │ a │ b │ ├──────┼──────┤ │ ░▒▓█ │ ■□▪▫ │ └──────┴──────┘ ✓ ✗ ★ ☆ ♥ ♦ ♣ ♠ ♪ "
    "☎ ☃",
    "[1] [2] [3] (a) (b) (c) i. ii. iii. iv. 1) 2) 3) 1.1 1.1.1 1.1.1.1 § 12 Abs. 3 Nr. 4",
    "\ufffd \ufffd\ufffd \u00ad Ð¡Ð¾Ð´ÐµÑ€Ð¶Ð°Ð½Ð¸Ðµ ÃÂ¿ÃÂ¾ÃÂ¼ Êàê äåëà?",
)
_EMOJI = (
    "😀😂🤣😍🥰😎🤔🙄😭😡👍👎🙏💪🔥✨🎉🚀❤️💔",
    "Привет 👋 как дела? 😂😂😂 всё ок 👍🏻🔥🔥🔥 ну такое 🙄",
    "lol 🤣🤣 omg 😱 best day ever 🎉🎂🥳 love you guys ❤️❤️❤️",
    "👩‍🚀 👨‍👩‍👧‍👦 🇷🇺 🇬🇧 🏳️‍🌈 👍🏿 🧑‍💻 🤷‍♀️ 1️⃣ 2️⃣ 3️⃣ ©️ ®️ ™️",
    "🐱 🐶 🌍 ⚡️ ☕️ 🍕 🍎 🚗 🏠 📚 💻 📱 🎵 🏆 ⚽ 🌧 ❄️ 🌈 🕐 ✈️ 🔑 💰 📈 📉",
    "🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥",
    "😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭 😭",
    "👍👎👍👎🙏💪 да 🤔🙄 нет 😡😡 wow 🚀🚀🚀 класс ✨✨",
)
_OTHERS = (
    "שלום עולם, מה שלומך היום? السلام عليكم، كيف حالك اليوم؟ ٣٤٥٦",
    "今天天气很好，我们去公园散步吧。東京は日本の首都です。안녕하세요, 반갑습니다.",
    "Der Fluß fließt über die Brücke; où êtes-vous allés? ¿Dónde está el baño? Çok güzel! "
    "Žluťoučký kůň",
    "नमस्ते दुनिया สวัสดีชาวโลก გამარჯობა Γειά σου Κόσμε Բարեւ ձեզ ሰላም ለዓለም",
    "Cyrillic kin: Добрий день, як справи? Прывітанне! Здраво свете! Сайн байна уу? Сәлем әлем!",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝕒𝕓𝕔 𝐛𝐨𝐥𝐝 ⅷ ⅓ ㎏ ﬁﬂ ｆｕｌｌｗｉｄｔｈ ①②③ \ufdfa",
    "𓀀𓁐𓂀 ⠓⠑⠇⠇⠕ 𐍈𐌰 ꙮ ᚠᚢᚦ ☭ ☯ ∰",
)
_GROUPS = (_ENGLISH, _RUSSIAN, _CODE, _LOGS, _SYMBOLS, _EMOJI, _OTHERS)
_QUESTION_AT_MOST = 80  # characters


def texts() -> tuple[list[str], list[str]]:
    """Return the documents and the questions: each text, and each group as a long one."""
    single = list(chain.from_iterable(_GROUPS))
    mixed = [" ".join(chain.from_iterable(zip(*_GROUPS, strict=False)))]
    documents = ["", *single, *(" ".join(group) for group in _GROUPS), *mixed]
    return documents, [text for text in single if len(text) <= _QUESTION_AT_MOST]


def digest() -> str:
    """Return the sha256 of all texts."""
    documents, questions = texts()
    return hashlib.sha256("\0".join([*documents, "", *questions]).encode()).hexdigest()
