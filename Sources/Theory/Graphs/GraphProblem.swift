public import ImplicitSGD
public import LinearAlgebra
public import Networks

/// One case of implicit SGD on a graph: minimise `P_α(w) = L(w) + ‖w − w_b‖²/(2α)` over all tensors.
///
/// `w_b` are the parameters of `network`, each tensor counted once however often it is used. Everything is finite and fits
/// together, or the problem cannot be made.
public struct GraphProblem: Sendable {
    public let network: GraphNetwork
    /// Inputs in the order of nodes (`GraphNetwork.arranged`), one example in each column.
    public let batch: Batch<Double>
    public let loss: Loss
    public let rates: LearningRates

    /// - Parameter inputs: in the file's order, one example in each column.
    /// - Parameter network: the graph before the step.
    /// - Parameter targets: one example in each column.
    /// - Parameter loss: the loss of each example.
    /// - Parameter learningRate: `α`, positive and finite.
    /// - Throws: `GraphError.batch` for shapes that do not fit, `NetworkError` for examples or targets that are not finite or
    ///   do not suit the loss, `ProblemError.learningRate`.
    public init(
        network: GraphNetwork, inputs: Matrix<Double>, targets: Matrix<Double>, loss: Loss, learningRate: Double
    ) throws {
        let architecture = network.architecture
        guard inputs.rows == architecture.inputShape.count else {
            throw GraphError.batch(what: "entries of an input", expected: architecture.inputShape.count, found: inputs.rows)
        }
        guard targets.rows == architecture.outputWidth else {
            throw GraphError.batch(what: "outputs", expected: architecture.outputWidth, found: targets.rows)
        }
        let batch = try Batch(
            inputs: GraphNetwork.arranged(inputs, as: architecture.inputShape), targets: targets)
        try loss.validate(targets: targets)
        self.init(network, batch, loss, try LearningRates(learningRate))
    }

    private init(_ network: GraphNetwork, _ batch: Batch<Double>, _ loss: Loss, _ rates: LearningRates) {
        self.network = network
        self.batch = batch
        self.loss = loss
        self.rates = rates
    }

    /// `α`.
    public var learningRate: Double { rates.common }

    /// The same case with another learning rate.
    public func with(learningRate: Double) throws(ProblemError) -> GraphProblem {
        GraphProblem(network, batch, loss, try LearningRates(learningRate))
    }

    /// Both passes at `w_b + update`, with the given slopes at kinks.
    package func pass(after update: Parameters<Double>, kinkedUnits: [KinkedUnit] = []) -> GraphPass {
        var pass = GraphPass(network.architecture, parameters: network.parameters + update, inputs: batch.inputs)
        pass.runForward()
        pass.assignSlopes()
        for unit in kinkedUnits { pass.slopes[unit.layer][unit.unit, unit.example] = unit.slope }
        pass.runBackward(loss, targets: batch.targets)
        return pass
    }

    /// `L(w_b + update)`.
    public func loss(after update: Parameters<Double>) -> Double {
        var pass = GraphPass(network.architecture, parameters: network.parameters + update, inputs: batch.inputs)
        pass.runForward()
        return meanLoss(pass)
    }

    package func meanLoss(_ pass: GraphPass) -> Double {
        loss.total(pass.logits, targets: batch.targets) / Double(batch.size)
    }

    /// `‖update‖²/(2α)`.
    package func proximalTerm(_ update: Parameters<Double>) -> Double {
        let norm = update.norm
        return norm * norm / (2 * learningRate)
    }

    /// `P_α(w_b + update)`.
    public func objective(after update: Parameters<Double>) -> Double {
        loss(after: update) + proximalTerm(update)
    }

    /// `L(w_b)`, which is also `P_α(w_b)`.
    public var lossBefore: Double { loss(after: network.architecture.zero) }

    /// `∇L(w_b + update)`; at a kink with the slope of the left side.
    public func gradient(after update: Parameters<Double>) -> Parameters<Double> { pass(after: update).gradient() }

    /// `‖Δ + α∇L(w_b + Δ)‖/‖Δ‖` from a backward pass there: 0 is exact.
    package func implicitResidual(of update: Parameters<Double>, _ pass: GraphPass) -> Double {
        var deviation = update
        deviation.add(pass.gradient(), scaledBy: learningRate)
        let norm = deviation.norm
        return norm == 0 ? 0 : norm / update.norm
    }

    /// The same from the definition, with the given slopes at kinks.
    public func implicitResidual(of update: Parameters<Double>, kinkedUnits: [KinkedUnit] = []) -> Double {
        implicitResidual(of: update, pass(after: update, kinkedUnits: kinkedUnits))
    }

    /// What rounding leaves of the implicit residual: its change when every weight changes by half a unit in the last
    /// place at random, to two opposite sides.
    package func roundingFloor(of update: Parameters<Double>, kinkedUnits: [KinkedUnit], _ pass: GraphPass) -> Double {
        let gradient = pass.gradient()
        var change = update.scattered
        for n in change.layers.indices { change.layers[n].multiply(elementwise: pass.parameters.layers[n]) }
        let moves = [Double.ulpOfOne, -.ulpOfOne].map { size in
            (self.pass(after: update + size * change, kinkedUnits: kinkedUnits).gradient() - gradient).norm
        }
        let floor = learningRate * moves.reduce(0, max)
        return floor == 0 ? 0 : floor / update.norm
    }
}

extension Parameters<Double> {
    /// A fixed direction of this shape, with entries in `−1 … 1` without structure.
    package var scattered: Parameters<Double> {
        var result = self
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for n in result.layers.indices {
            let count = result.layers[n].count
            result.layers[n].withMutablePointer { target in
                for k in 0..<count {
                    state ^= state << 13
                    state ^= state >> 7
                    state ^= state << 17
                    target[k] = Double(state >> 11) * 0x1p-52 - 1
                }
            }
        }
        return result
    }
}
