public import LinearAlgebra
internal import Networks
internal import Randomness

/// `gibbs`: weights sampled from the posterior of a network with noise at every pre- and post-activation.
///
/// With pre-activations `zₙ`, rates `xₙ` (`x₀` the inputs) and the noise `s = αε`, sweeps draw each group of variables given
/// all others from the density `exp(−J/T)`,
///
/// `J = L(z_N) + 1/(2s) Σ‖zₙ₊₁ − Wₙx̄ₙ‖² + 1/(2s) Σ‖xₙ − φ(zₙ)‖² + 1/(2α)‖W − Wᵇ‖²`:
///
/// rates and weights from their Gaussians, pre-activations one at a time by a slice. The update is the mean of `W − Wᵇ`
/// over the second half of the sweeps. As `T → 0` and `ε → 0` the mode is that of `P_α` (T18, T27).
///
/// G. Piccioli, E. Troiani, L. Zdeborová, *Gibbs sampling the posterior of neural networks*, J. Phys. A 57, 2024
/// (arXiv 2306.02729). Prior, loss and temperature are those of this theory.
public struct GibbsSampling: LearningRule {
    public let name = "gibbs"
    public var sweeps: Int
    /// `ε`, so that the noise `s` is `αε`.
    public var epsilon: Double
    /// `T`.
    public var temperature: Double
    /// Determines all draws.
    public var seed: UInt64

    public init(sweeps: Int = 50, epsilon: Double = 1, temperature: Double = 1e-6, seed: UInt64 = 1) {
        self.sweeps = sweeps
        self.epsilon = epsilon
        self.temperature = temperature
        self.seed = seed
    }

    /// - Throws: `RuleError.unsolved` for other layers than dense ones, where something is held, or where noise or temperature are not positive.
    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        guard problem.network.architecture.isDense else { throw .unsolved("gibbs knows dense layers only") }
        guard problem.held.isEmpty else { throw .unsolved("gibbs samples all weights, and can hold none") }
        guard epsilon > 0, temperature > 0 else {
            throw .unsolved("gibbs needs noise: epsilon \(epsilon) and temperature \(temperature) must be positive")
        }
        let wide = try problem.inDouble()
        var chain = GibbsChain(wide, noise: wide.learningRate * epsilon, temperature: temperature, seed: seed)
        var total = Parameters<Double>(zerosFor: wide.network.architecture)
        let counted = max(1, sweeps / 2)
        for sweep in 0..<sweeps {
            do {
                try chain.sweep()
            } catch {
                throw .unsolved("gibbs, sweep \(sweep): \(error)")
            }
            guard sweep >= sweeps - counted else { continue }
            total.add(chain.weights - wide.network.parameters, scaledBy: 1 / Double(counted))
        }
        return LearningStep(update: total.converted(to: Scalar.self))
    }

    public func inIteration(_ iteration: Int) -> GibbsSampling {
        var generator = RandomGenerator(seed: seed, stream: UInt64(iteration))
        var result = self
        result.seed = generator.nextBits()
        return result
    }
}

extension RuleEntry {
    public static let gibbsSampling = RuleEntry(
        name: "gibbs", summary: "mean of 25 Gibbs samples of the weights after 25 sweeps, noise αε, temperature 10⁻⁶",
        settings: [.steps, .epsilon, .temperature, .seed], chartStyle: 28, paper: "Piccioli 2023"
    ) {
        GibbsSampling(
            sweeps: $0.steps ?? 50, epsilon: $0.epsilon ?? 1, temperature: $0.temperature ?? 1e-6, seed: $0.seed ?? 1)
    }
}
