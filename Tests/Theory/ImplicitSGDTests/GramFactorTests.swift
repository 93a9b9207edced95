import ImplicitSGD
import LinearAlgebra
import Networks
import Randomness
import Testing

/// The Gram factor against an inverse by elimination in plain loops, and against T1.
@Suite("Gram factor") struct GramFactorTests {
    private static func random(_ generator: inout RandomGenerator, _ rows: Int, _ columns: Int) -> Matrix<Double> {
        Matrix(rows: rows, columns: columns) { _, _ in generator.nextNormal() }
    }

    @Test("inverse, solve, weighted rates and quadratic form", arguments: [true, false], [1, 2, 5])
    func naive(hasBias: Bool, examples: Int) throws {
        var generator = RandomGenerator(seed: UInt64(examples))
        let layer = DenseLayer(inputWidth: 7, outputWidth: 3, hasBias: hasBias)
        let rates = Self.random(&generator, 7, examples)
        let extended = hasBias ? Matrix(rows: 8, columns: examples) { $0 < 7 ? rates[$0, $1] : 1 } : rates
        let gram = naiveProduct(extended.transposed, extended)
        let inverse = naiveInverse(gram)
        var factor = GramFactor(order: examples)
        let isRegular = factor.factorize(rates, of: layer)
        try #require(isRegular)
        #expect((factor.matrix - gram).maximumMagnitude <= 1e-13)
        #expect((factor.inverse - inverse).maximumMagnitude <= 1e-12)
        #expect((factor.weightedRates - naiveProduct(rates, inverse)).maximumMagnitude <= 1e-12)
        let errors = Self.random(&generator, 3, examples)
        var solved = errors
        factor.applyInverse(fromRightTo: errors, into: &solved)
        #expect((solved - naiveProduct(errors, inverse)).maximumMagnitude <= 1e-12)
        let square = naiveProduct(errors, naiveProduct(gram, errors.transposed))
        #expect(abs(factor.quadraticForm(errors) - (0..<3).reduce(0) { $0 + square[$1, $1] }) <= 1e-11)
    }

    /// T1 where the same weights serve two places: the update reaches the error, and no other that does is shorter.
    @Test("weights used in two places", arguments: [1, 2])
    func twoPlaces(examples: Int) throws {
        var generator = RandomGenerator(seed: 3, stream: UInt64(examples))
        let layer = TwoPlacesLayer(half: 6, weightRows: 2)
        let rates = Self.random(&generator, layer.inputWidth, examples)
        let errors = Self.random(&generator, layer.outputWidth, examples)
        var factor = GramFactor(order: examples)
        let isRegular = factor.factorize(rates, of: layer)
        try #require(isRegular)
        var solved = errors
        factor.applyInverse(fromRightTo: errors, into: &solved)
        var update = Matrix<Double>(rows: 2, columns: 6)
        layer.pullBackToWeights(solved, rates, scale: 1, keep: 0, into: &update)
        var reached = errors
        layer.predict(rates, weights: update, into: &reached)
        #expect((reached - errors).maximumMagnitude <= 1e-12)
        let regressors = layer.regressors(rates)
        let inverse = naiveInverse(naiveProduct(regressors.transposed, regressors))
        let columns = errors.reshaped(rows: 2, columns: 2 * examples)
        let least = naiveProduct(naiveProduct(columns, inverse), regressors.transposed)
        #expect((update - least).maximumMagnitude <= 1e-12)
    }

    @Test func `dependent rates are refused`() {
        let layer = DenseLayer(inputWidth: 2, outputWidth: 1, hasBias: false)
        var factor = GramFactor(order: 2)
        let parallel = Matrix<Double>(rows: 2, columns: 2) { i, j in Double((i + 1) * (j + 1)) }
        let zero = Matrix<Double>(rows: 2, columns: 1)
        var single = GramFactor(order: 1)
        let (first, second) = (factor.factorize(parallel, of: layer), single.factorize(zero, of: layer))
        #expect(!first && !second)
    }

    @Test func `a problem with another kind of layer is refused`() throws {
        let layer = TwoPlacesLayer(half: 2, weightRows: 1)
        let architecture = try Architecture(layers: [layer], hiddenActivations: [])
        let network = try Network(architecture: architecture, parameters: Parameters<Double>(zerosFor: architecture))
        let batch = try Batch<Double>(inputs: Matrix(column: [1, 2, 3, 4]), targets: Matrix(column: [0, 1]))
        #expect(throws: ProblemError.notDense(layer: 0)) {
            _ = try ProximalProblem(network: network, batch: batch, loss: .squaredError, learningRate: 1)
        }
    }
}

/// `p = (W a₁, W a₂)` for the two halves of the rates.
private struct TwoPlacesLayer: Layer {
    let half: Int
    let weightRows: Int

    var inputWidth: Int { 2 * half }
    var positions: Int { 2 }
    var weightColumns: Int { half }
    var hasBias: Bool { false }
    private var dense: DenseLayer { DenseLayer(inputWidth: half, outputWidth: weightRows, hasBias: false) }

    /// One column for each half.
    func regressors<S: BLASScalar>(_ rates: Matrix<S>) -> Matrix<S> {
        rates.reshaped(rows: half, columns: 2 * rates.columns)
    }

    func predict<S: BLASScalar>(_ rates: Matrix<S>, weights: Matrix<S>, into prediction: inout Matrix<S>) {
        propagate(rates, weights: weights, scale: 1, keep: 0, into: &prediction)
    }

    func propagate<S: BLASScalar>(
        _ change: Matrix<S>, weights: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>
    ) {
        var apart = result.reshaped(rows: weightRows, columns: 2 * change.columns)
        dense.propagate(regressors(change), weights: weights, scale: scale, keep: keep, into: &apart)
        result = apart.reshaped(rows: outputWidth, columns: change.columns)
    }

    func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, weights: Matrix<S>, keep: S, into result: inout Matrix<S>
    ) {
        var apart = regressors(result)
        dense.pullBackToRates(
            errors.reshaped(rows: weightRows, columns: 2 * errors.columns), weights: weights, keep: keep, into: &apart)
        result = apart.reshaped(rows: inputWidth, columns: errors.columns)
    }

    func predictChange<S: BLASScalar>(_ rates: Matrix<S>, along direction: Matrix<S>, into result: inout Matrix<S>) {
        predict(rates, weights: direction, into: &result)
    }

    func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, along direction: Matrix<S>, keep: S, into result: inout Matrix<S>
    ) {
        pullBackToRates(errors, weights: direction, keep: keep, into: &result)
    }

    func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, _ rates: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>
    ) {
        dense.pullBackToWeights(
            errors.reshaped(rows: weightRows, columns: 2 * errors.columns), regressors(rates), scale: scale,
            keep: keep, into: &result)
    }

    func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, along change: Matrix<S>, scale: S, into result: inout Matrix<S>
    ) {
        pullBackToWeights(errors, change, scale: scale, keep: 1, into: &result)
    }
}
