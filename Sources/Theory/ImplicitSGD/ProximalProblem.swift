public import LinearAlgebra
public import Networks

/// One case of implicit SGD: minimise `P_α(θ) = L(θ) + ‖θ − θ_b‖²/(2α)` over the weights `θ`.
///
/// `θ_b` are the weights of `network`, `L` is the mean loss of `batch`, and all weights move, biases
/// included. Everything is finite and fits together, or the problem cannot be made.
public struct ProximalProblem: Sendable {
    /// The network before the step, with weights `θ_b`.
    public let network: Network<Double>
    public let batch: Batch<Double>
    public let loss: Loss
    /// `α`, positive and finite.
    public let learningRate: Double

    /// - Throws: `ProblemError.learningRate` unless `0 < α < ∞`; `ProblemError.notDense` if a layer is not fully
    ///   connected, because the solvers read its weights as such; `ProblemError.network` if batch and
    ///   network do not fit or a target does not suit the loss.
    public init(
        network: Network<Double>, batch: Batch<Double>, loss: Loss, learningRate: Double
    ) throws(ProblemError) {
        guard learningRate > 0, learningRate.isFinite else { throw .learningRate(learningRate) }
        let architecture = network.architecture
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
        do { try loss.validate(targets: batch.targets) } catch { throw .network(error) }
        self.network = network
        self.batch = batch
        self.loss = loss
        self.learningRate = learningRate
    }

    /// The same case with another learning rate.
    public func with(learningRate: Double) throws(ProblemError) -> ProximalProblem {
        try ProximalProblem(network: network, batch: batch, loss: loss, learningRate: learningRate)
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
        let norm = update.norm
        return loss.total(logits, targets: batch.targets) / Double(batch.size)
            + norm * norm / (2 * learningRate)
    }

    /// `L(θ_b)`, which is also `P_α(θ_b)`.
    public var lossBefore: Double {
        loss.total(network.logits(batch.inputs), targets: batch.targets) / Double(batch.size)
    }

    /// The implicit residual `‖Δ + α∇L(θ_b + Δ)‖/‖Δ‖` of an update (`docs/theory.md` §2): 0 is exact.
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
    func implicitResidual(
        of update: Parameters<Double>, _ linearization: Linearization<Double>
    ) -> Double {
        var deviation = linearization.gradient()
        deviation.scale(by: learningRate)
        deviation.add(update)
        let (numerator, denominator) = (deviation.norm, update.norm)
        return numerator == 0 ? 0 : numerator / denominator
    }
}

/// Why a case cannot be posed.
public enum ProblemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `α` is not a positive finite number.
    case learningRate(Double)
    /// Weight layer `layer` is not fully connected.
    case notDense(layer: Int)
    case network(NetworkError)

    public var description: String {
        switch self {
        case .learningRate(let value):
            "the learning rate α must be positive and finite, found \(value)"
        case .notDense(let layer):
            "weight layer \(layer) is not fully connected, as the solvers of exact updates need"
        case .network(let error): error.description
        }
    }
}
