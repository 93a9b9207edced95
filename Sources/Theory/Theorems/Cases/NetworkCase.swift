public import ImplicitSGD
public import LinearAlgebra
public import Networks
public import PropertyTesting
public import Randomness

/// One case of a theorem about networks: a network, a mini-batch, a loss and a learning rate, and
/// a seed for whatever else the theorem quantifies over (other weights, directions).
public struct NetworkCase: Sendable {
    public let problem: ProximalProblem
    /// What was made degenerate on purpose.
    public let degeneracies: Set<Degeneracy>
    /// Shrinks to 0.
    public let seed: UInt64

    public init(problem: ProximalProblem, degeneracies: Set<Degeneracy> = [], seed: UInt64 = 0) {
        self.problem = problem
        self.degeneracies = degeneracies
        self.seed = seed
    }

    /// Inputs and weights that random numbers would never give.
    public enum Degeneracy: String, CaseIterable, Sendable, Hashable {
        /// One example's input is zero.
        case zeroInput = "zero input"
        /// The last example repeats the first one's input.
        case duplicateInput = "duplicated input"
        /// All examples have the same target.
        case equalTargets = "equal targets"
        /// Half of one hidden layer has weights that point against the mean of its inputs.
        case deadUnits = "dead units"
        /// One hidden layer has a single unit.
        case oneUnitLayer = "one-unit layer"
        /// All rows of one weight matrix are multiples of its first.
        case rankDeficient = "rank-deficient weights"
        /// The last layer's weights are multiplied by 30.
        case saturatedOutput = "saturated output"
        /// The targets are the network's own responses: nothing is left to learn.
        case targetsMet = "targets met"
    }

    public var architecture: Architecture { problem.network.architecture }
    public var alpha: Double { problem.learningRate }

    /// Random numbers that belong to this case, the same each time.
    public func randomGenerator(stream: UInt64 = 0) -> RandomGenerator {
        RandomGenerator(seed: seed, stream: stream)
    }

    /// Random weights of the case's shapes, standard normal.
    public func randomParameters(stream: UInt64 = 0) -> Parameters<Double> {
        var random = randomGenerator(stream: stream)
        var result = Parameters<Double>(zerosFor: architecture)
        for n in result.layers.indices {
            let (rows, columns) = (result.layers[n].rows, result.layers[n].columns)
            result.layers[n] = Matrix(rows: rows, columns: columns) { _, _ in random.nextNormal() }
        }
        return result
    }

    /// Counts the case under what kind of case it is: the coverage of a check.
    public func label(_ context: inout CaseContext) {
        let architecture = architecture
        for activation in Set(architecture.hiddenActivations) {
            context.label("activation", activation.name)
        }
        context.label("loss", problem.loss.name)
        context.label("depth", architecture.depth)
        context.label("some bias", when: architecture.biases.contains(true))
        context.label("some layer without bias", when: architecture.biases.contains(false))
        context.label("mini-batch", problem.batch.size == 1 ? "1" : "more")
        context.label("α", alpha < 1e-2 ? "below 0.01" : alpha <= 1e2 ? "0.01 to 100" : "above 100")
        for degeneracy in degeneracies { context.label(degeneracy.rawValue) }
    }
}

extension NetworkCase: CustomStringConvertible {
    /// All numbers of a small case; shapes and sizes of a large one.
    public var description: String {
        let network = problem.network
        var lines = [
            "\(network.architecture.summary), \(problem.loss.name), mini-batch \(problem.batch.size), "
                + "α = \(alpha), seed \(seed)"
        ]
        if !degeneracies.isEmpty {
            lines[0] += ", " + degeneracies.map(\.rawValue).sorted().joined(separator: ", ")
        }
        let numbers = network.parameters.count + problem.batch.inputs.count + problem.batch.targets.count
        for (n, weights) in network.parameters.layers.enumerated() {
            lines.append("W\(n) = " + Self.text(weights, inFull: numbers <= 80))
        }
        lines.append("x = " + Self.text(problem.batch.inputs, inFull: numbers <= 80))
        lines.append("y = " + Self.text(problem.batch.targets, inFull: numbers <= 80))
        return lines.joined(separator: "; ")
    }

    /// `[1 2; 3 4]`, rows separated by semicolons as in MATLAB.
    private static func text(_ matrix: Matrix<Double>, inFull: Bool) -> String {
        guard inFull else { return "\(matrix.shape) of norm \(matrix.norm)" }
        let rows = (0..<matrix.rows).map { i in
            (0..<matrix.columns).map { "\(matrix[i, $0])" }.joined(separator: " ")
        }
        return "[" + rows.joined(separator: "; ") + "]"
    }
}
