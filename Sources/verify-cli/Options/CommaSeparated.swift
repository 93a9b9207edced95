import ArgumentParser

/// A comma-separated list on the command line, such as `0.01,0.1,1`.
///
/// ```swift
/// @Option(name: .long, help: "Learning rates α.", transform: CommaSeparated.learningRates)
/// var alpha = CommaSeparated([0.01, 0.1, 1])
/// ```
struct CommaSeparated<Element> {
    let values: [Element]

    init(_ values: [Element]) { self.values = values }

    /// The list whose parts are what `element` makes of them.
    init(_ argument: String, of element: (String) throws -> Element) rethrows {
        values = try argument.split(separator: ",", omittingEmptySubsequences: false)
            .map { try element(String($0)) }
    }
}

extension CommaSeparated: Sendable where Element: Sendable {}

extension CommaSeparated<Double> {
    /// Positive finite learning rates.
    static func learningRates(_ argument: String) throws -> Self { try Self(argument, of: learningRate) }

    /// One positive finite learning rate.
    static func learningRate(_ argument: String) throws -> Double {
        guard let value = Double(argument), value > 0, value.isFinite else {
            // Lists are split before, so a comma is left only where one learning rate is meant.
            if argument.contains(","), (try? learningRates(argument)) != nil {
                throw ValidationError("one learning rate α is meant, found '\(argument)'; compare takes several.")
            }
            throw ValidationError(
                "the learning rate α must be a positive finite number, found '\(argument)'.")
        }
        return value
    }

    /// Finite numbers that are not negative.
    static func shares(_ argument: String) throws -> Self {
        try Self(argument) { part in
            guard let value = Double(part), value >= 0, value.isFinite else {
                throw ValidationError("a share must be zero or positive, and finite, found '\(part)'.")
            }
            return value
        }
    }

    /// Numbers above 0 and at most 1.
    static func targets(_ argument: String) throws -> Self {
        try Self(argument) { part in
            guard let value = Double(part), value > 0, value <= 1 else {
                throw ValidationError("a target must be above 0 and at most 1, found '\(part)'.")
            }
            return value
        }
    }
}

extension CommaSeparated<Int> {
    /// Positive whole numbers.
    static func counts(_ argument: String) throws -> Self {
        try Self(argument) { part in
            guard let value = Int(part), (1...1_000_000).contains(value) else {
                throw ValidationError("expected whole numbers from 1 to 1000000, found '\(part)'.")
            }
            return value
        }
    }
}

extension CommaSeparated where Element: RawRepresentable<String> & CaseIterable {
    /// Values by their names, in capitals or not; the message of an unknown one lists them all.
    static func names(_ argument: String) throws -> Self {
        try Self(argument) { part in
            guard let value = Element(rawValue: part.lowercased()) else {
                throw ValidationError("there is no '\(part)'; expected some of \(knownNames).")
            }
            return value
        }
    }

    /// All names in a row, for help and messages.
    static var knownNames: String { Element.allCases.map(\.rawValue).joined(separator: ", ") }

    /// As it is written on the command line.
    var text: String { values.map(\.rawValue).joined(separator: ",") }
}
