public import Graphs
internal import LinearAlgebra
internal import Networks

/// `dfc` on graphs: as `FeedbackControl`, with the hidden nodes of a graph for the hidden layers. On a network that is
/// unrolled in time every step is controlled, and the steps' changes of a shared tensor add up.
public struct GraphFeedbackControl: GraphRule {
    public let name = "dfc"
    /// `k`.
    public var gain: Double
    /// The bound on the controller's residual.
    public var tolerance: Double

    public init(gain: Double = 1, tolerance: Double = 1e-10) {
        self.gain = gain
        self.tolerance = tolerance
    }

    public var settings: Set<RuleSetting> { [.gain, .tolerance] }

    public func with(_ constants: RuleSettings) -> GraphFeedbackControl {
        GraphFeedbackControl(gain: constants.gain ?? gain, tolerance: constants.equilibriumTolerance)
    }

    /// - Throws: `RuleError.unsolved` where the controller overflows or does not settle.
    public func step(_ problem: GraphProblem) throws(RuleError) -> GraphStep {
        let architecture = problem.network.architecture
        let controller = FeedbackController(gain: gain, tolerance: tolerance)
        var result = architecture.zero
        for example in 0..<problem.batch.size {
            var pass = ControlledGraph(problem.network, input: problem.batch.inputs.columns(example..<example + 1))
            let target = problem.batch.targets.columns(example..<example + 1)
            let (control, status) = try controller.settle(&pass, problem.loss, target: target)
            guard status.isConverged else {
                throw .unsolved(
                    "the controller did not settle within \(status.iterations) steps: its residual is \(status.residual), above \(tolerance)")
            }
            let errors = PerLayer(architecture.nodes.indices) { n in
                n < architecture.depth ? pass.directions[n].dotted(control) : control
            }
            result.add(GraphDesign(architecture, rates: pass.rates).pullBack(errors))
        }
        result.scale(by: 1 / (gain * Double(problem.batch.size)))
        return GraphStep(direction: result, length: problem.learningRate, lossBefore: problem.lossBefore)
    }
}

/// A graph under control.
private struct ControlledGraph: ControlledPass {
    let network: GraphNetwork
    /// `Qₙ` of the hidden nodes, a column for each output.
    let directions: PerLayer<Matrix<Double>>
    /// `a₀ … a_{N−1}`.
    private(set) var rates: PerLayer<Matrix<Double>>
    private var activities: PerLayer<Matrix<Double>>

    private var architecture: GraphArchitecture { network.architecture }

    init(_ network: GraphNetwork, input: Matrix<Double>) {
        self.network = network
        let architecture = network.architecture
        var pass = GraphPass(architecture, parameters: network.parameters, inputs: input)
        pass.runForward()
        (activities, rates) = (pass.activities, pass.rates)
        var directions = architecture.nodes.mapValues {
            Matrix<Double>(rows: $0.shape.count, columns: architecture.outputWidth)
        }
        directions[architecture.depth] = .identity(architecture.outputWidth)
        // From the output down: when a node's turn comes, all edges that leave it have been.
        for n in architecture.nodes.indices.reversed() {
            if n < architecture.depth {
                directions[n].scaleRows(by: architecture.nodes[n].activation.slopes(activities[n]))
            }
            for edge in architecture.nodes[n].edges where edge.source > 0 {
                let error = edge.pullBackLeaving(directions[n])
                let back = edge.weighted.map { $0.pullBack(error, network.parameters) } ?? error
                directions[edge.source].add(edge.pullBackEntering(back))
            }
        }
        self.directions = directions.dropLast()
    }

    var response: Matrix<Double> { activities[architecture.depth] }

    mutating func run(_ control: Matrix<Double>) {
        for n in architecture.nodes.indices {
            activities[n].scale(by: 0)
            for edge in architecture.nodes[n].edges {
                let given = edge.enter(rates[edge.source])
                activities[n].add(edge.leave(edge.weighted.map { $0.predict(given, network.parameters) } ?? given))
            }
            guard n < architecture.depth else { return }
            activities[n].add(directions[n].dotted(control))
            architecture.nodes[n].activation.evaluate(activities[n], into: &rates[n])
        }
    }

    func sensitivity() -> Matrix<Double> {
        var changes = directions
        var moved = Matrix<Double>(rows: architecture.outputWidth, columns: architecture.outputWidth)
        for n in architecture.nodes.indices {
            var change = n < architecture.depth ? directions[n] : moved
            for edge in architecture.nodes[n].edges where edge.source > 0 {
                let given = edge.enter(changes[edge.source])
                change.add(edge.leave(edge.weighted.map { $0.propagate(given, network.parameters) } ?? given))
            }
            guard n < architecture.depth else {
                moved = change
                break
            }
            change.scaleRows(by: architecture.nodes[n].activation.slopes(activities[n]))
            changes[n] = change
        }
        return moved
    }
}
