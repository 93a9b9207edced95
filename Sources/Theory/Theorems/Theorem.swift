public import PropertyTesting

/// A theorem of the theory as something that runs: its words, its check on random cases, and the
/// broken implementations on which that check must fail.
///
/// The check returns a *margin* for each case: the deviation from what the theorem says, in units of
/// a tolerance that is derived, not tuned. At most 1 holds. `tolerance` says how it is derived.
public struct Theorem: Sendable {
    public let identifier: TheoremIdentifier
    public let title: String
    /// What it says, Markdown with LaTeX.
    public let statement: String
    /// What it supposes, one sentence each. The generator makes such cases, or the body assumes it.
    public let hypotheses: [String]
    /// Whose statement it is.
    public let paper: Paper
    /// What is measured, in words.
    public let quantity: String
    /// What the quantity must not exceed, in words.
    public let bound: String
    /// How the tolerance, the unit of the margin, is derived.
    public let tolerance: String
    /// How many cases `swift test` and `verify-cli theorems` run unless told otherwise.
    public let defaultCases: Int
    public let property: CheckableProperty
    /// Broken variants that the check must catch; at least two.
    public let mutants: [Mutant]

    /// The default number of cases.
    public static let usualCases = 200

    /// The settings with the default number of cases.
    public func settings(seed: UInt64 = 1) -> CheckSettings {
        CheckSettings(cases: defaultCases, seed: seed)
    }

    /// Checks the theorem on random cases, stored failures first.
    public func check(
        _ settings: CheckSettings, threads: Int = 1, corpus: Corpus? = nil,
        observe: (CaseRecord) -> Void = { _ in }
    ) -> PropertyReport {
        property.check(settings, threads: threads, corpus: corpus, observe: observe)
    }

    /// Runs the one case that a token names.
    public func replay(_ token: ReplayToken) -> ReplayedCase { property.replay(token) }
}

/// A theorem's check with one deliberate mistake in what it checks.
///
/// A theorem whose check passes on such a mistake tests nothing.
public struct Mutant: Sendable {
    /// The mistake in a few words.
    public let name: String
    public let property: CheckableProperty
}

extension Theorem {
    /// A theorem whose check is one function of a case and a *variant*: the true implementation or
    /// one of its mutants.
    ///
    /// ```swift
    /// enum Variant { case correct, wrongSign }
    /// Theorem.from(.linearRegression, …, generator: cases, describe: { $0.description },
    ///     correct: Variant.correct, mutants: [("the sign of the step", .wrongSign)]) {
    ///     value, variant, context in …margin… }
    /// ```
    public static func from<Value, Variant: Sendable>(
        _ identifier: TheoremIdentifier, title: String, statement: String, hypotheses: [String],
        paper: Paper, quantity: String, bound: String, tolerance: String,
        defaultCases: Int = Theorem.usualCases, generator: Generator<Value>,
        describe: @escaping @Sendable (Value) -> String, correct: Variant,
        mutants: [(name: String, variant: Variant)],
        margin: @escaping @Sendable (Value, Variant, inout CaseContext) throws -> Double
    ) -> Theorem {
        func property(_ name: String, _ variant: Variant) -> CheckableProperty {
            CheckableProperty(
                Property(name, generator, describedBy: describe) { value, context in
                    try margin(value, variant, &context)
                })
        }
        return Theorem(
            identifier: identifier, title: title, statement: statement, hypotheses: hypotheses, paper: paper,
            quantity: quantity, bound: bound, tolerance: tolerance, defaultCases: defaultCases,
            property: property(identifier.stem, correct),
            mutants: mutants.map {
                Mutant(name: $0.name, property: property("\(identifier.stem) mutant \($0.name)", $0.variant))
            })
    }
}
