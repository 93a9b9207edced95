/// The name of one case: enough to make it again exactly, in any process.
///
/// Its text is printed with each failure. A token of choices holds for as long as the generator draws the same
/// things in the same order; after a change of the generator it still replays, but may name another case.
///
/// A size outside 0...100 means the nearest end of that range.
public enum ReplayToken: Sendable, Hashable {
    /// Case `index` of the runs with this seed, at this size.
    case seeded(seed: UInt64, index: Int, size: Int)

    /// The case with these choices, at this size; choices that are missing at the end are 0.
    case choices([UInt64], size: Int)

    /// The token of recorded choices, without the zeros at the end.
    init(recorded choices: [UInt64], size: Int) {
        let kept = choices.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
        self = .choices(Array(choices.prefix(kept)), size: size)
    }
}

/// What is wrong with the text of a replay token.
public enum ReplayTokenError: Error, Sendable, Hashable {
    /// The text does not start with `pt`, a version and a kind.
    case notAToken(String)
    /// The text is of a version of the format that this library does not read.
    case unknownVersion(String)
    /// A character that no token contains, at this offset (in characters) of the text.
    case illegalCharacter(Character, offset: Int)
    /// The text ends early or was cut.
    case truncated
    /// The checksum does not match: at least one character is wrong.
    case wrongChecksum
    /// The text is intact but says something impossible, such as a size above 100.
    case impossibleContent(String)
}

extension ReplayTokenError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAToken(let text):
            "“\(text)” is not a replay token: one looks like pt1s-… or pt1c-…, as printed with a failure"
        case .unknownVersion(let version):
            "the replay token has format version “\(version)”; this library reads version 1"
        case .illegalCharacter(let character, let offset):
            "the replay token has an illegal character “\(character)” at offset \(offset): copy it again"
        case .truncated:
            "the replay token ends too early: copy all of it"
        case .wrongChecksum:
            "the replay token's checksum does not match, so some character is wrong: copy it again"
        case .impossibleContent(let what):
            "the replay token is intact but impossible: \(what)"
        }
    }
}
