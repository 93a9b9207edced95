public import PropertyTesting

/// A statistical statement of the paper as something that runs: how often it is true of single updates.
///
/// A theorem must hold in every case; a claim is measured over a stated population. Every case yields numbers
/// (distances, angles, objectives); *conditions* compare two of them, and each condition's rates over the
/// population and its regions decide its *finding*. The first condition is the claim itself.
public struct Claim: Sendable {
    public let identifier: ClaimIdentifier
    public let title: String
    /// What the paper says, Markdown with LaTeX.
    public let statement: String
    public let paper: Paper
    /// The distribution of cases, in words.
    public let population: String
    /// What is measured, in words.
    public let quantity: String
    /// The first is the one that decides the claim.
    public let conditions: [ClaimCondition]
    public let axes: [RegionAxis]
    public let criteria: FindingCriteria
    /// How many cases `swift test` and `verify-cli theorems` run unless told otherwise.
    public let defaultCases: Int
    /// On how many cases its planted rules are tried.
    public let plantCases: Int
    /// All that is measured of one given case, by name. Throws `Discard` where the claim says nothing of the case, or is of
    /// another kind of cases.
    package let measurements: @Sendable (any Sendable) throws -> [String: Double]
    /// Measures everything. Its margin is that of `counterexamples`.
    public let survey: CheckableProperty
    /// Measures only what the first condition needs, and fails on a clear counterexample: one whose sides are
    /// not in the claimed order by at least ``clearRatio``, so that shrinking does not end in a tie.
    public let counterexamples: CheckableProperty
    /// Rules whose finding is known beforehand, planted in place of the claim's own; at least two.
    public let plants: [Plant]

    public static let clearRatio = 1.1
    /// The default number of cases: enough for the interval of a decade of α to lie above 0.95.
    public static let usualCases = 2000

    /// The cases on which planted rules are tried unless a claim says otherwise: enough for every region to be decided.
    public static let usualPlantCases = 1000

    /// The condition that decides the claim.
    public var condition: ClaimCondition { conditions[0] }

    /// The settings with the default number of cases: independent cases, all of full size.
    public func settings(seed: UInt64 = 1) -> CheckSettings {
        CheckSettings(
            cases: defaultCases, seed: seed, sizes: .constant(100), shrinkLimit: 0,
            failurePolicy: .countAll)
    }

    /// Runs the one case that a token names, measuring everything. It is *violated* if it is a clear
    /// counterexample.
    public func replay(_ token: ReplayToken) -> ReplayedCase { survey.replay(token) }
}

/// A rule of known finding in the place of a claim's own.
public struct Plant: Sendable {
    public let name: String
    /// What the claim's condition must be found to be.
    public let expected: Finding
    /// Measures the first condition.
    public let property: CheckableProperty
}

/// How much of a case is measured.
enum ClaimScope: Sendable {
    case everything
    /// What the first condition needs.
    case decisive
}

extension Claim {
    /// A claim whose measurements are one function of a case, a *variant* (the rules themselves or a plant)
    /// and a scope. Cases are networks or graphs.
    static func from<Subject: Sendable & CustomStringConvertible, Variant: Sendable>(
        _ identifier: ClaimIdentifier, title: String, statement: String, population: String,
        quantity: String, conditions: [ClaimCondition], axes: [RegionAxis] = RegionAxis.standard,
        defaultCases: Int = Claim.usualCases, plantCases: Int = Claim.usualPlantCases,
        generator: Generator<Subject>, correct: Variant,
        plants: [(name: String, expected: Finding, variant: Variant)],
        measure: @escaping @Sendable (Subject, Variant, ClaimScope, inout CaseContext) throws -> Void
    ) -> Claim {
        let deciding = conditions[0]
        func property(_ name: String, _ variant: Variant, _ scope: ClaimScope) -> CheckableProperty {
            CheckableProperty(
                Property(name, generator, describedBy: \.description) { value, context in
                    try measure(value, variant, scope, &context)
                    let measurements = context.measurements
                    for name in measurements.keys.sorted() where scope == .decisive {
                        context.note("\(name) = \(measurements[name] ?? .nan)")
                    }
                    return deciding.margin(measurements, clearRatio: clearRatio)
                })
        }
        return Claim(
            identifier: identifier, title: title, statement: statement, paper: identifier.paper,
            population: population, quantity: quantity, conditions: conditions, axes: axes,
            criteria: FindingCriteria(), defaultCases: defaultCases, plantCases: plantCases,
            measurements: { value in
                guard let value = value as? Subject else { throw Discard("another kind of case") }
                var context = CaseContext(size: 100)
                try measure(value, correct, .everything, &context)
                return context.measurements
            },
            survey: property(identifier.stem, correct, .everything),
            counterexamples: property(identifier.stem, correct, .decisive),
            plants: plants.map {
                Plant(
                    name: $0.name, expected: $0.expected,
                    property: property("\(identifier.stem) plant \($0.name)", $0.variant, .decisive))
            })
    }
}
