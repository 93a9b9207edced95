public import LinearAlgebra
public import Networks
internal import RealModule

/// One case of implicit SGD: minimise `P_α(θ) = L(θ) + ‖θ − θ_b‖²/(2α)` over the weights `θ`, or
/// `L(θ) + Σ ‖Wₙ − Wₙᵇ‖²/(2αₙ)` with a learning rate for each layer.
///
/// `θ_b` are the weights of `network`, `L` is the mean loss of `batch`, and all weights move, biases
/// included, unless `held` has them: those stay at `θ_b`, and `P_α` is minimised over the others alone. Everything is
/// finite and fits together, or the problem cannot be made.
public struct ProximalProblem: Sendable {
    /// The network before the step, with weights `θ_b`.
    public let network: Network<Double>
    public let batch: Batch<Double>
    public let loss: Loss
    /// `α`, or `αₙ`.
    public let rates: LearningRates
    /// The parameters that stay at `θ_b`.
    public let held: HeldParameters
    /// `α`, positive and finite.
    public var learningRate: Double { rates.common }

    /// With one `α` for all weights.
    ///
    /// - Throws: `ProblemError.learningRate` unless `0 < α < ∞`, and as the other initialiser.
    public init(
        network: Network<Double>, batch: Batch<Double>, loss: Loss, learningRate: Double, held: HeldParameters = .none
    ) throws(ProblemError) {
        try self.init(network: network, batch: batch, loss: loss, rates: try LearningRates(learningRate), held: held)
    }

    /// - Throws: `ProblemError.rateCount` if there are rates for another number of layers; `ProblemError.notDense` if a layer is not fully
    ///   connected, because the solvers read its weights as such; `ProblemError.network` if batch and
    ///   network do not fit, a target does not suit the loss, or what is held is not there or is all that there is.
    public init(
        network: Network<Double>, batch: Batch<Double>, loss: Loss, rates: LearningRates,
        held: HeldParameters = .none
    ) throws(ProblemError) {
        let architecture = network.architecture
        if let count = rates.count, count != architecture.depth {
            throw .rateCount(count, layers: architecture.depth)
        }
        if let other = architecture.weightLayers.firstIndex(where: { !($0 is DenseLayer) }) {
            throw .notDense(layer: other)
        }
        guard batch.inputs.rows == architecture.inputWidth else {
            throw .network(
                .shapeMismatch(
                    what: "width of the inputs", expected: architecture.inputWidth,
                    found: batch.inputs.rows))
        }
        guard batch.targets.rows == architecture.outputWidth else {
            throw .network(
                .shapeMismatch(
                    what: "width of the targets", expected: architecture.outputWidth,
                    found: batch.targets.rows))
        }
        do {
            try loss.validate(targets: batch.targets)
            try held.validate(for: architecture)
        } catch {
            throw .network(error)
        }
        self.network = network
        self.batch = batch
        self.loss = loss
        self.rates = rates
        self.held = held
    }

    /// The same case with another learning rate.
    public func with(learningRate: Double) throws(ProblemError) -> ProximalProblem {
        try ProximalProblem(network: network, batch: batch, loss: loss, rates: rates.with(common: learningRate), held: held)
    }

    /// The same case with other learning rates.
    public func with(rates: LearningRates) throws(ProblemError) -> ProximalProblem {
        try ProximalProblem(network: network, batch: batch, loss: loss, rates: rates, held: held)
    }

    /// `(Σ ‖Δₙ‖²/mₙ)^½`: the Euclidean norm with one learning rate.
    public func metricNorm(_ update: Parameters<Double>) -> Double {
        guard !rates.isUniform else { return update.norm }
        return update.layers.enumerated().reduce(0) {
            Double.hypot($0, $1.element.norm / rates.multiple(ofLayer: $1.offset).squareRoot())
        }
    }

    /// The norm of `αₙgₙ` of all layers, for a gradient `g`.
    func metricNorm(ofScaled gradient: Parameters<Double>) -> Double {
        guard !rates.isUniform else { return learningRate * gradient.norm }
        return gradient.layers.enumerated().reduce(0) {
            Double.hypot($0, rates[$1.offset] * $1.element.norm / rates.multiple(ofLayer: $1.offset).squareRoot())
        }
    }

    /// `Σ ‖Δₙ‖²/(2αₙ)`.
    package func proximalTerm(_ update: Parameters<Double>) -> Double { proximalTerm(ofNorm: metricNorm(update)) }

    /// The same where `metricNorm(update)` is known.
    func proximalTerm(ofNorm norm: Double) -> Double { norm * norm / (2 * learningRate) }

    /// `Δ + αg`, layer by layer, where held parameters have no gradient: 0 for an update that is implicit by the
    /// gradient `g`.
    package func deviation(of update: Parameters<Double>, gradient: consuming Parameters<Double>) -> Parameters<Double> {
        var result = gradient
        held.clear(&result, in: network.architecture)
        for n in result.layers.indices { result.layers[n].scale(by: rates[n]) }
        result.add(update)
        return result
    }

    /// The regressors of layer `n` whose weights move, one column for each example, and the columns of `Wₙ` that they
    /// meet.
    package func regressors(ofLayer n: Int, _ rates: Matrix<Double>) -> (rows: Matrix<Double>, columns: Range<Int>) {
        let architecture = network.architecture
        return (held.regressors(ofLayer: n, rates, in: architecture), held.movingColumns(ofLayer: n, in: architecture))
    }

    /// The linearization of `L` at `θ_b + update`.
    public func linearization(
        after update: Parameters<Double>, kinkedUnits: [KinkedUnit] = []
    ) -> Linearization<Double> {
        Linearization(
            network: network.updated(by: update), batch: batch, loss: loss,
            kinkedUnits: kinkedUnits)
    }

    /// `P_α(θ_b + update)`.
    public func objective(after update: Parameters<Double>) -> Double {
        let logits = network.updated(by: update).logits(batch.inputs)
        return loss.total(logits, targets: batch.targets) / Double(batch.size) + proximalTerm(update)
    }

    /// `L(θ_b)`, which is also `P_α(θ_b)`.
    public var lossBefore: Double {
        loss.total(network.logits(batch.inputs), targets: batch.targets) / Double(batch.size)
    }

    /// The implicit residual `‖Δ + α∇L(θ_b + Δ)‖/‖Δ‖` of an update (`docs/theory.md` §2): 0 is exact. With a learning
    /// rate for each layer both norms are those of `metricNorm(_:)`.
    ///
    /// It is computed from the definition, by a feedforward and a backward pass at the new weights,
    /// and so knows nothing of how the update was found. 0 if update and gradient are both zero,
    /// infinite if only the update is.
    ///
    /// - Parameter kinkedUnits: at kinks the residual uses this element of the subdifferential.
    /// - Parameter update: `Δ`, the displacement from `θ_b`.
    public func implicitResidual(
        of update: Parameters<Double>, kinkedUnits: [KinkedUnit] = []
    ) -> Double {
        implicitResidual(of: update, linearization(after: update, kinkedUnits: kinkedUnits))
    }

    /// The same from the linearization after the update.
    package func implicitResidual(
        of update: Parameters<Double>, _ linearization: Linearization<Double>
    ) -> Double {
        implicitResidual(of: update, ofNorm: metricNorm(update), linearization)
    }

    /// The same where `metricNorm(update)` is known.
    func implicitResidual(
        of update: Parameters<Double>, ofNorm norm: Double, _ linearization: Linearization<Double>
    ) -> Double {
        let deviation = metricNorm(deviation(of: update, gradient: linearization.gradient()))
        return deviation == 0 ? 0 : deviation / norm
    }
}

/// Why a case cannot be posed.
public enum ProblemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `α` is not a positive finite number.
    case learningRate(Double)
    /// There are learning rates for another number of layers than the network has.
    case rateCount(Int, layers: Int)
    /// Weight layer `layer` is not fully connected.
    case notDense(layer: Int)
    case network(NetworkError)

    public var description: String {
        switch self {
        case .learningRate(let value):
            "the learning rate α must be positive and finite, found \(value)"
        case .rateCount(let count, let layers):
            "there are learning rates for \(count) layers, and the network has \(layers)"
        case .notDense(let layer):
            "weight layer \(layer) is not fully connected, as the solvers of exact updates need"
        case .network(let error): error.description
        }
    }
}
