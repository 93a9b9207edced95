import PropertyTesting
import Theorems

/// Theorems about whole numbers whose verdicts are known beforehand, under a real theorem's name.
enum PlantedTheorem {
    /// Says that numbers up to 1,000 are below `bound`, in units of which the margin is; odd ones are discarded.
    static func numbersBelow(_ bound: Int, mutants: [(name: String, variant: Int)] = []) -> Theorem {
        Theorem.from(
            .linearRegression, title: "Numbers are small", statement: "$n < b$", hypotheses: ["n is even."],
            paper: .ours, quantity: "n", bound: "b", tolerance: "none", defaultCases: 40,
            generator: .int(in: 0...1000), describe: { "n = \($0), \"even\"" }, correct: bound, mutants: mutants
        ) { number, bound, context in
            guard number.isMultiple(of: 2) else { throw Discard("odd") }
            context.label("large", when: number > 500)
            context.measure("n", Double(number))
            context.note("n is \(number)")
            return Double(number) / Double(bound)
        }
    }

    static let caught = (name: "a bound of 10", variant: 10)
    static let survivor = (name: "a bound of 2000", variant: 2000)
}
