import Documents
import Testing

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("alpha", 5), ("α = 0.1", 7), ("‖Δ − Δᵢₘₚ‖₂", 11), ("θ⁺", 2),
        ("e\u{301}tape", 5), ("x\u{302}\u{304}", 1), ("ĥ", 1), ("\u{301}", 0),
        ("学習率", 6), ("ｆｕｌｌ", 8), ("한국", 4), ("\u{1112}\u{1161}\u{11AB}", 2), ("ｶﾅ", 2),
        ("🙂", 2), ("👩🏽‍🔬", 2), ("🇩🇪", 2), ("☺\u{FE0F}", 2), ("☺", 1), ("✅", 2),
        ("a\u{200B}b", 2), ("–[1]", 4), ("─", 1), ("µs", 2), ("→", 1), ("𝛼", 1), ("𠀀", 2),
    ])
    func width(text: String, expected: Int) { #expect(text.displayWidth == expected) }

    @Test func padding() {
        #expect("α".padded(to: 4, .left) == "α   ")
        #expect("α".padded(to: 4, .right) == "   α")
        #expect("α".padded(to: 4, .center) == " α  ")
        #expect("学".padded(to: 4, .right) == "  学")
        #expect("x\u{302}".padded(to: 3, .right) == "  x\u{302}")
        #expect("too long".padded(to: 3, .left) == "too long")
    }

    @Test(
        "line breaks become spaces, control characters cannot reach the terminal",
        arguments: [
            ("a\nb", "a b"), ("a\r\nb", "a b"), ("a\rb", "a b"), ("a\n\nb", "a  b"),
            ("a\tb", "a b"),
            ("a\u{2028}b", "a b"), ("\u{1B}[31mred", "\u{FFFD}[31mred"),
            ("bell\u{7}", "bell\u{FFFD}"),
            ("\u{9B}2J", "\u{FFFD}2J"), ("plain α", "plain α"),
        ])
    func singleLine(text: String, expected: String) { #expect(text.singleLine == expected) }

    @Test func wrapping() {
        let text = "one two  three\nfour"
        #expect(text.wrapped(width: 9) == ["one two", "three", "four"])
        #expect(text.wrapped(width: 13) == ["one two three", "four"])
        #expect(text.wrapped(width: 12, first: "* ", rest: "  ") == ["* one two", "  three four"])
        #expect("a overlong b".wrapped(width: 4) == ["a", "overlong", "b"])
        #expect("学習 率学".wrapped(width: 8) == ["学習", "率学"])
        #expect("学習 率学".wrapped(width: 9) == ["学習 率学"])
        #expect("".wrapped(width: 10) == [""])
    }
}
