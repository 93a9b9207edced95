package import ImplicitSGD
package import Intervals
internal import LinearAlgebra
internal import Networks

/// `αE(h)` of T2 and T3 and its derivatives for every `h` of a box.
///
/// Weights, inputs and targets are the doubles that they are. With `Gₙ = Eₙ₊₁Kₙ⁻¹`, `Mₙ = AₙKₙ⁻¹` and the weights
/// `Wₙ⁺ = Wₙ + GₙĀₙᵀ` that the activities lead to,
/// `d ½tr EK⁻¹Eᵀ = ⟨G, dH⟩ − ⟨W⁺ᵀG, dA⟩`: the gradient is that of T8, for any mini-batch. Nothing here assumes that `h` is stationary.
package struct EnergyEnclosure {
    let problem: ProximalProblem
    /// `H₁ … H_N` at index `n − 1`.
    let activities: [BallMatrix]
    /// `A₀ … A_{N−1}` at index `n`.
    let rates: [BallMatrix]
    /// `E₁ … E_N` at index `n − 1`.
    let errors: [BallMatrix]
    /// `K₀⁻¹ … K_{N−1}⁻¹`.
    let inverses: [BallMatrix]
    /// `G₀ … G_{N−1}`.
    let responses: [BallMatrix]
    /// `Cₙ = Wₙ⁺ᵀGₙ`, what the layer above feeds back, for `n = 1..<N` at index `n − 1`.
    let feedback: [BallMatrix]

    /// What the inputs give, once for all boxes.
    package struct InputLayer {
        let prediction: BallMatrix
        let inverse: BallMatrix

        /// `nil` where the inputs depend on each other.
        package init?(_ problem: ProximalProblem) {
            let (inputs, hasBias) = (BallMatrix(exactly: problem.batch.inputs), problem.network.architecture.biases[0])
            guard let inverse = EnergyEnclosure.gram(problem, layer: 0, inputs).inverseOfPositiveDefinite
            else { return nil }
            prediction = .prediction(
                BallMatrix(exactly: problem.network.parameters.layers[0]), inputs, hasBias: hasBias)
            self.inverse = inverse
        }
    }

    /// `nil` where the rates of a layer may depend on each other somewhere in the box.
    package init?(_ problem: ProximalProblem, _ input: InputLayer, at activities: [BallMatrix]) {
        let architecture = problem.network.architecture
        var rates = [BallMatrix(exactly: problem.batch.inputs)]
        var inverses = [input.inverse]
        var errors = [activities[0] - input.prediction]
        for n in architecture.hiddenLayers {
            let rate = activities[n - 1].map(architecture.activation(ofLayer: n).enclosure)
            guard let inverse = Self.gram(problem, layer: n, rate).inverseOfPositiveDefinite
            else { return nil }
            let weights = BallMatrix(exactly: problem.network.parameters.layers[n])
            errors.append(activities[n] - .prediction(weights, rate, hasBias: architecture.biases[n]))
            rates.append(rate)
            inverses.append(inverse)
        }
        let responses = zip(errors, inverses).map { BallMatrix.product($0, .none, $1) }
        feedback = architecture.hiddenLayers.map { n in
            let weights = BallMatrix(exactly: problem.network.parameters.layers[n].columns(0..<architecture.widths[n]))
            return .product(weights, .transposed, responses[n])
                + .product(rates[n], .none, .product(responses[n], .transposed, responses[n]))
        }
        self.problem = problem
        self.activities = activities
        (self.rates, self.errors, self.inverses, self.responses) = (rates, errors, inverses, responses)
    }

    /// `K = ĀᵀĀ`; `AᵀA` if the bias is held.
    private static func gram(_ problem: ProximalProblem, layer n: Int, _ rates: BallMatrix) -> BallMatrix {
        let movesBias = problem.network.architecture.biases[n] && !problem.held.holdsBias(ofLayer: n)
        let inputs = movesBias ? rates.appendingRowOfOnes() : rates
        return .product(inputs, .transposed, inputs)
    }

    private var architecture: Architecture { problem.network.architecture }
    /// `κ = α/B`.
    var step: Interval { Interval(problem.learningRate) / Interval(Double(problem.batch.size)) }

    /// `L`, the mean loss of `H_N`.
    var loss: Interval {
        problem.loss.totalEnclosure(activities[architecture.depth - 1], targets: problem.batch.targets)
            / Interval(Double(problem.batch.size))
    }

    /// `P_α` where `h` is the feedforward pass of its own weights: `L + Σ ⟨Gₙ, Eₙ₊₁⟩/(2α)`.
    package var objective: Interval {
        let squares = zip(responses, errors).reduce(Interval.zero) { $0 + $1.0.innerProduct($1.1) }
        return loss + squares / (Interval(2) * Interval(problem.learningRate))
    }

    /// `ΔWₙ = GₙĀₙᵀ`, every entry with its own radius; exactly 0 for biases that are held.
    package var update: [BallMatrix] {
        responses.indices.map { n in
            var inputs = architecture.biases[n] ? rates[n].appendingRowOfOnes() : rates[n]
            if architecture.biases[n] && problem.held.holdsBias(ofLayer: n) {
                for example in 0..<inputs.columns { inputs[inputs.rows - 1, example] = .zero }
            }
            return .product(responses[n], .none, inputs, .transposed)
        }
    }

    /// `∂(αE)/∂h`: layer by layer, example by example. At kinks with the slopes of both sides.
    package var gradient: [Interval] {
        var entries: [Interval] = []
        for n in architecture.hiddenLayers {
            let (own, above) = (responses[n - 1], slope(n).zip(with: feedback[n - 1], *))
            entries += (own - above).entries
        }
        let outputs = problem.loss.gradientEnclosure(activities[architecture.depth - 1], targets: problem.batch.targets)
        return entries + responses[architecture.depth - 1].zip(with: outputs) { [step] in $0 + step * $1 }.entries
    }

    /// `φ′ₙ`, where a kink is in reach of both sides.
    func slope(_ n: Int) -> BallMatrix {
        activities[n - 1].map(architecture.activation(ofLayer: n).slopeEnclosure)
    }
}

extension BallMatrix {
    /// `Σ xᵢⱼyᵢⱼ`.
    fileprivate func innerProduct(_ other: BallMatrix) -> Interval {
        Swift.zip(entries, other.entries).reduce(.zero) { $0 + $1.0 * $1.1 }
    }

    /// All entries, column by column.
    var entries: [Interval] {
        (0..<columns).flatMap { j in (0..<rows).map { i in self[i, j] } }
    }
}
