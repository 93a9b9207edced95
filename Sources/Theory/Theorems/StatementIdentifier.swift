/// The identifier of a theorem or a claim: its number, and a word, the name of the case.
public protocol StatementIdentifier: CaseIterable, Hashable, RawRepresentable<Int>, Sendable {
    /// `T` or `C`.
    static var letter: String { get }
}

extension StatementIdentifier {
    /// As users type it: `T8`.
    public var name: String { "\(Self.letter)\(rawValue)" }

    /// The stem of its source, proof and page: `T08_UpdatedFeedback`.
    public var stem: String {
        let word = "\(self)"
        return "\(Self.letter)\(rawValue < 10 ? "0" : "")\(rawValue)_\(word.prefix(1).uppercased())\(word.dropFirst())"
    }

    /// Whether a text, in any case, is its name, such as `t8` or `T08`, or its stem.
    func isCalled(_ text: String) -> Bool {
        [name, String(stem.prefix { $0 != "_" }), stem].contains { $0.lowercased() == text.lowercased() }
    }
}
