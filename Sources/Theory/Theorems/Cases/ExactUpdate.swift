internal import Certificates
internal import ImplicitSGD
internal import PropertyTesting

extension NetworkCase {
    /// The exact implicit update, for theorems whose hypothesis is that there is one.
    ///
    /// A solve that ends without its certificate is no such case: it is discarded under a reason of
    /// its own, so that the report shows how many there were.
    func exactUpdate(tolerance: Double = 1e-10) throws -> CertifiedUpdate {
        let solver = ActivitySpaceSolver(options: SolverOptions(tolerance: tolerance))
        do {
            return try Self.exact(solver.certified(problem))
        } catch SolveError.singularGram {
            throw Discard("rates linearly dependent over the mini-batch")
        }
    }

    private static func exact(_ report: CertifiedUpdate) throws(Discard) -> CertifiedUpdate {
        // Theorems speak of `Δ`, not of weights with it written in.
        guard !report.isExactAsNumber else { return report }
        guard let refusal = report.certificate.refusal else { throw .zeroToRounding }
        throw Discard("no exact update: \(report.solve.isConverged ? refusal.name : report.solve.outcome.name)")
    }
}

extension Discard {
    /// Nothing is to be learnt: the targets are the outputs, to rounding.
    static let zeroToRounding = Discard("the exact update is zero to rounding")
}

/// The largest of several margins; not a number if one of them is.
struct WorstMargin {
    private(set) var value = 0.0

    mutating func include(_ margin: Double) {
        value = margin.isNaN || value.isNaN ? .nan : max(value, margin)
    }
}
