import ImplicitSGD
import Testing

@Suite("Costs of the solvers")
struct SolverCostsTests {
    /// Counts multiplications and additions of the products, entry by entry.
    private func countedProduct(_ widths: [Int], examples: Int) -> Double {
        var operations = 0
        for layer in 0..<(widths.count - 1) {
            let inputs = layer == 0 ? min(examples, widths[0] + 1) : widths[layer]
            // Along the direction and to its gradient, for the Hessian and for the preconditioner.
            var passes = 4
            // The tangents forwards in both, back through weights and direction, the second gradient, back once more.
            if layer > 0 { passes += 2 + 2 + 1 + 1 }
            for _ in 0..<passes {
                for _ in 0..<examples {
                    for _ in 0..<widths[layer + 1] { for _ in 0..<inputs { operations += 2 } }
                }
            }
        }
        return Double(operations)
    }

    @Test("A product is what its loops count", arguments: [[7, 5, 4, 3], [2, 6, 3], [4, 3]])
    func product(widths: [Int]) {
        for examples in 1...4 {
            #expect(SolverCosts(widths: widths, examples: examples).product == countedProduct(widths, examples: examples))
        }
    }

    @Test("Twice as many examples take eight times as long to factorize")
    func factorization() {
        let widths = [5, 7, 4]
        let (one, two) = (SolverCosts(widths: widths, examples: 1), SolverCosts(widths: widths, examples: 2))
        // 7³/3 + 4³/3 for the diagonal blocks, 7²·4 + 7·4² between them.
        let expected = Double(343 + 64) / 3 + Double(196 + 112)
        #expect(abs(one.factorization - expected) < 1e-9 * expected)
        #expect(abs(two.factorization - 8 * one.factorization) < 1e-9 * two.factorization)
    }

    @Test("Small mini-batches favour activities, large ones weights", arguments: [[64, 32, 32, 10], [784, 64, 64, 10]])
    func crossing(widths: [Int]) {
        let favours = (1...16).map { SolverCosts(widths: widths, examples: $0).favourActivities }
        let small = favours.prefix { $0 }.count
        #expect(small >= 2 && small < 4)
        #expect(!favours.dropFirst(small).contains(true))
    }
}
