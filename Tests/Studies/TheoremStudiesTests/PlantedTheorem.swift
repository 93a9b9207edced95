import PropertyTesting
import Theorems

/// Theorems about whole numbers whose verdicts are known beforehand, under a real theorem's name.
enum PlantedTheorem {
    /// Says that numbers up to 1,000 are below `bound`, in units of which the margin is; odd ones are discarded.
    static func numbersBelow(_ bound: Int, mutants: [Mutant] = []) -> Theorem {
        Theorem(
            .linearRegression, title: "Numbers are small", statement: "$n < b$", hypotheses: ["n is even."],
            source: .ours, quantity: "n", bound: "b", tolerance: "none", defaultCases: 40,
            property: property("numbers, up to \(bound)", bound), mutants: mutants)
    }

    static func property(_ name: String, _ bound: Int) -> CheckableProperty {
        CheckableProperty(
            Property(name, .int(in: 0...1000), describedBy: { "n = \($0), \"even\"" }) { number, context in
                guard number.isMultiple(of: 2) else { throw Discard("odd") }
                context.label("large", when: number > 500)
                context.measure("n", Double(number))
                context.note("n is \(number)")
                return Double(number) / Double(bound)
            })
    }

    static let caught = Mutant("a bound of 10", property: property("mutant 10", 10))
    static let survivor = Mutant("a bound of 2000", property: property("mutant 2000", 2000))
}
