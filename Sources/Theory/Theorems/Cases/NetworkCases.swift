internal import ImplicitSGD
internal import LinearAlgebra
public import Networks
public import PropertyTesting
internal import RealModule

/// Which network cases a theorem is about: the knobs of the generator.
///
/// The defaults are the widest population. Restricting it makes hypotheses hold by construction.
public struct NetworkCases: Sendable {
    public var depths: ClosedRange<Int> = 1...5
    public var widths: ClosedRange<Int> = 1...12
    /// The hidden activations to draw from; each layer draws its own in half of the cases.
    public var activations: [Activation] = Activation.allCases
    public var losses: [Loss] = Loss.allCases
    public var biases: [Bool] = [false, true]
    public var batchSizes: ClosedRange<Int> = 1...8
    /// Whether a mini-batch is never larger than a layer's number of columns, without which every
    /// Gram matrix would be singular.
    public var batchFitsLayers = false
    /// Log-uniform.
    public var learningRates: ClosedRange<Double> = 1e-4...1e4
    /// Standard deviation of a weight times the square root of the fan-in, log-uniform.
    public var weightScales: ClosedRange<Double> = 0.1...5
    /// Each with probability 1/10.
    public var degeneracies: [NetworkCase.Degeneracy] = NetworkCase.Degeneracy.allCases

    public init() {}

    /// The widest population with changes.
    public init(_ change: (inout NetworkCases) -> Void) {
        change(&self)
    }

    /// Activations with two continuous derivatives.
    public static let smoothActivations = Activation.allCases.filter { $0.kink == nil }

    /// The generator of these cases. Widths grow with the size of the case.
    public func generator() -> Generator<NetworkCase> {
        Generator { source in try make(&source) }
    }

    private func make(_ source: inout ChoiceSource) throws -> NetworkCase {
        let depth = try source.draw(.int(in: depths))
        var chosen: Set<NetworkCase.Degeneracy> = []
        for degeneracy in degeneracies {
            if try source.draw(.bool(probability: 0.1)) { chosen.insert(degeneracy) }
        }
        let architecture = try drawArchitecture(depth: depth, chosen, &source)
        let columns = (0..<depth).map { architecture.columns(ofLayer: $0) }
        let fitting = batchFitsLayers ? columns.min() ?? 1 : batchSizes.upperBound
        let most = max(batchSizes.lowerBound, min(batchSizes.upperBound, fitting))
        let examples = try source.draw(.int(in: batchSizes.lowerBound...most))
        let loss = try source.draw(.element(of: losses))
        let alpha = try source.draw(.logUniform(in: learningRates))
        let seed = UInt64(try source.draw(.int(in: 0...999)))

        let scale = try source.draw(.logUniform(in: weightScales))
        var layers: [Matrix<Double>] = []
        for n in 0..<depth {
            let width = scale / Double(architecture.widths[n]).squareRoot()
            let drawn = try source.matrix(architecture.widths[n + 1], columns[n], .gaussian())
            layers.append(width * drawn)
        }
        var inputs = try source.matrix(architecture.inputWidth, examples, .gaussian())
        if chosen.contains(.zeroInput) {
            for i in 0..<inputs.rows { inputs[i, 0] = 0 }
        }
        if chosen.contains(.duplicateInput) {
            for i in 0..<inputs.rows { inputs[i, examples - 1] = inputs[i, 0] }
        }
        try degrade(&layers, chosen, architecture, inputs, &source)
        let network = try Network(
            architecture: architecture, parameters: Parameters(layers: layers))
        let targets = try drawTargets(network, inputs, loss, chosen, &source)
        let problem = try ProximalProblem(
            network: network, batch: Batch(inputs: inputs, targets: targets), loss: loss,
            learningRate: alpha)
        return NetworkCase(problem: problem, degeneracies: chosen, seed: seed)
    }

    private func drawArchitecture(
        depth: Int, _ chosen: Set<NetworkCase.Degeneracy>, _ source: inout ChoiceSource
    ) throws -> Architecture {
        let spread = Double(widths.upperBound - widths.lowerBound) * Double(source.size) / 100
        let largest = widths.lowerBound + Int(spread.rounded(.up))
        var drawn: [Int] = []
        for _ in 0...depth {
            drawn.append(try source.draw(.int(in: widths.lowerBound...largest)))
        }
        if depth > 1, chosen.contains(.oneUnitLayer) {
            drawn[1 + (try source.draw(.int(in: 0...(depth - 2))))] = 1
        }
        let isMixed = try source.draw(.bool())
        var hidden = [Activation]()
        for n in 1..<max(1, depth) {
            hidden.append(
                isMixed || n == 1 ? try source.draw(.element(of: activations)) : hidden[0])
        }
        var flags = [Bool]()
        for n in 0..<depth {
            flags.append(isMixed || n == 0 ? try source.draw(.element(of: biases)) : flags[0])
        }
        return try Architecture(widths: drawn, hiddenActivations: hidden, biases: flags)
    }

    /// Makes the weights degenerate as chosen.
    private func degrade(
        _ layers: inout [Matrix<Double>], _ chosen: Set<NetworkCase.Degeneracy>,
        _ architecture: Architecture, _ inputs: Matrix<Double>, _ source: inout ChoiceSource
    ) throws {
        let depth = architecture.depth
        if chosen.contains(.rankDeficient) {
            let n = try source.draw(.int(in: 0...(depth - 1)))
            for i in 1..<max(1, layers[n].rows) {
                for j in 0..<layers[n].columns { layers[n][i, j] = Double(i) * layers[n][0, j] / 2 }
            }
        }
        if depth > 1, chosen.contains(.deadUnits) {
            let n = try source.draw(.int(in: 0...(depth - 2)))
            let front = try Network(
                architecture: architecture, parameters: Parameters(layers: layers))
            let rates = front.rates(ofLayer: n, inputs)
            for i in 0..<((layers[n].rows + 1) / 2) {
                for j in 0..<architecture.widths[n] {
                    layers[n][i, j] = -(0..<rates.columns).reduce(0) { $0 + rates[j, $1] }
                }
                if architecture.biases[n] { layers[n][i, architecture.widths[n]] = -1 }
            }
        }
        if chosen.contains(.saturatedOutput) { layers[depth - 1].scale(by: 30) }
    }

    private func drawTargets(
        _ network: Network<Double>, _ inputs: Matrix<Double>, _ loss: Loss,
        _ chosen: Set<NetworkCase.Degeneracy>, _ source: inout ChoiceSource
    ) throws -> Matrix<Double> {
        let (rows, examples) = (network.architecture.outputWidth, inputs.columns)
        if chosen.contains(.targetsMet) {
            let logits = network.logits(inputs)
            var response = logits
            loss.response(logits, into: &response)
            return response
        }
        var targets = Matrix<Double>(rows: rows, columns: examples)
        for j in 0..<examples {
            let isFirst = j == 0 || !chosen.contains(.equalTargets)
            let column = isFirst ? try loss.drawTarget(rows, &source) : targets.column(0)
            for i in 0..<rows { targets[i, j] = column[i] }
        }
        return targets
    }
}

extension ChoiceSource {
    /// A matrix of independent entries, drawn column by column.
    mutating func matrix(
        _ rows: Int, _ columns: Int, _ entry: Generator<Double>
    ) throws -> Matrix<Double> {
        var result = Matrix<Double>(rows: rows, columns: columns)
        for j in 0..<columns {
            for i in 0..<rows { result[i, j] = try draw(entry) }
        }
        return result
    }
}

extension Network<Double> {
    /// `aₙ`, the rates of layer `n` for these inputs.
    func rates(ofLayer n: Int, _ inputs: Matrix<Double>) -> Matrix<Double> {
        var rates = inputs
        for m in 0..<n {
            var activity = Matrix<Double>(rows: architecture.widths[m + 1], columns: inputs.columns)
            predict(layer: m, rates: rates, into: &activity)
            rates = activity
            architecture.activation(ofLayer: m + 1).evaluate(activity, into: &rates)
        }
        return rates
    }
}

extension Loss {
    /// A target of this loss: normal numbers; a class, or positive shares of 1; bits, or probabilities.
    func drawTarget(_ count: Int, _ source: inout ChoiceSource) throws -> [Double] {
        if self == .squaredError {
            return try source.draw(.array(of: .gaussian(), count: count))
        }
        let isSoft = try source.draw(.bool(probability: 0.3))
        switch (self, isSoft) {
        case (.sigmoidCrossEntropy, true):
            return try source.draw(.array(of: .double(in: 0...1), count: count))
        case (.sigmoidCrossEntropy, false):
            return try source.draw(.array(of: .bool(), count: count)).map { $0 ? 1 : 0 }
        case (_, true):
            let shares = try source.draw(.array(of: .int(in: 1...16), count: count))
            let total = shares.reduce(0, +)
            return shares.map { Double($0) / Double(total) }
        case (_, false):
            let label = try source.draw(.int(in: 0...(count - 1)))
            return (0..<count).map { $0 == label ? 1 : 0 }
        }
    }
}
