import LinearAlgebra
import Networks
import Randomness
import Testing

/// The laws of `Layer`, for all kinds and for two that only the tests have.
@Suite("Layers that are linear in their weights") struct LayerTests {
    static let kinds: [any Layer] = [
        DenseLayer(inputWidth: 5, outputWidth: 4, hasBias: true),
        DenseLayer(inputWidth: 3, outputWidth: 6, hasBias: false),
        DenseLayer(inputWidth: 1, outputWidth: 1, hasBias: true),
        ConvolutionLayer(channels: 2, length: 6, kernel: 3, weightRows: 3, hasBias: true),
        ConvolutionLayer(channels: 1, length: 4, kernel: 4, weightRows: 2, hasBias: false),
        ResidualLayer(width: 4, hasBias: true),
    ] + convolutions

    /// With padding and strides that differ by direction, windows that leave a rim out, groups, and a sequence.
    static let convolutions: [Convolution] = [
        convolution(2, (5, 4), (3, 2), stride: (2, 1), padding: (1, 0), outputs: 3, groups: 1, bias: true),
        convolution(4, (4, 6), (2, 3), stride: (3, 2), padding: (1, 2), outputs: 6, groups: 2, bias: true),
        convolution(3, (3, 3), (3, 3), stride: (1, 1), padding: (0, 0), outputs: 2, groups: 1, bias: false),
        convolution(3, (1, 7), (1, 3), stride: (1, 2), padding: (0, 1), outputs: 3, groups: 3, bias: true),
    ].compactMap { $0 }

    private static func convolution(
        _ channels: Int, _ image: (Int, Int), _ kernel: (Int, Int), stride: (Int, Int), padding: (Int, Int), outputs: Int,
        groups: Int, bias: Bool
    ) -> Convolution? {
        func extent(_ pair: (Int, Int)) -> ImageWindows.Extent { .init(height: pair.0, width: pair.1) }
        return ImageWindows(
            channels: channels, image: extent(image), kernel: extent(kernel), stride: extent(stride),
            padding: extent(padding)
        ).flatMap { Convolution($0, outputChannels: outputs, groups: groups, hasBias: bias) }
    }

    /// Random arguments of a kind, with the operations as functions.
    private struct Arguments {
        let layer: any Layer
        let (rates, change): (Matrix<Double>, Matrix<Double>)
        let (weights, direction): (Matrix<Double>, Matrix<Double>)
        let errors: Matrix<Double>

        init(_ layer: any Layer, examples: Int, seed: UInt64) {
            var generator = RandomGenerator(seed: seed)
            self.layer = layer
            rates = generator.matrix(layer.inputWidth, examples)
            change = generator.matrix(layer.inputWidth, examples)
            weights = generator.matrix(layer.weightRows, layer.weightColumns)
            direction = generator.matrix(layer.weightRows, layer.weightColumns)
            errors = generator.matrix(layer.outputWidth, examples)
        }

        func predict(_ rates: Matrix<Double>, _ weights: Matrix<Double>) -> Matrix<Double> {
            var result = Matrix<Double>(rows: layer.outputWidth, columns: rates.columns, repeating: .nan)
            layer.predict(rates, weights: weights, into: &result)
            return result
        }

        func pullBack(_ rates: Matrix<Double>, scale: Double = 1) -> Matrix<Double> {
            var result = Matrix<Double>(rows: layer.weightRows, columns: layer.weightColumns, repeating: .nan)
            layer.pullBackToWeights(errors, rates, scale: scale, keep: 0, into: &result)
            return result
        }
    }

    @Test("the laws of the protocol", arguments: kinds.indices, [1, 3])
    func laws(kind: Int, examples: Int) {
        let given = Arguments(Self.kinds[kind], examples: examples, seed: UInt64(kind))
        let layer = given.layer
        let prediction = given.predict(given.rates, given.weights)
        func isSmall(_ difference: Matrix<Double>) -> Bool { difference.maximumMagnitude <= 1e-13 }

        // Affine in the rates, and the transpose of its derivative.
        var moved = prediction
        layer.propagate(given.change, weights: given.weights, scale: 1, keep: 1, into: &moved)
        #expect(isSmall(moved - given.predict(given.rates + given.change, given.weights)))
        var propagated = Matrix<Double>(rows: layer.outputWidth, columns: examples, repeating: .nan)
        layer.propagate(given.change, weights: given.weights, scale: -2, keep: 0, into: &propagated)
        #expect(isSmall(propagated + 2 * (moved - prediction)))
        var feedback = Matrix<Double>(rows: layer.inputWidth, columns: examples, repeating: .nan)
        layer.pullBackToRates(given.errors, weights: given.weights, keep: 0, into: &feedback)
        #expect(abs((moved - prediction).dot(given.errors) - given.change.dot(feedback)) <= 1e-12)
        var kept = given.rates
        layer.pullBackToRates(given.errors, weights: given.weights, keep: 0.5, into: &kept)
        #expect(isSmall(kept - feedback - 0.5 * given.rates))

        // Linear in the weights, and the transpose of that.
        let changed = given.predict(given.rates, given.weights + given.direction) - prediction
        let gradient = given.pullBack(given.rates)
        func change(_ rates: Matrix<Double>) -> Matrix<Double> {
            var result = Matrix<Double>(rows: layer.outputWidth, columns: examples, repeating: .nan)
            layer.predictChange(rates, along: given.direction, into: &result)
            return result
        }
        #expect(isSmall(change(given.rates) - changed))
        var bent = given.rates
        layer.pullBackToRates(given.errors, along: given.direction, keep: 0.5, into: &bent)
        let derivative = (change(given.rates + given.change) - change(given.rates)).dot(given.errors)
        #expect(abs(derivative - given.change.dot(bent - 0.5 * given.rates)) <= 1e-12)
        #expect(abs(changed.dot(given.errors) - given.direction.dot(gradient)) <= 1e-12)
        var added = given.weights
        layer.pullBackToWeights(given.errors, given.rates, scale: 0.5, keep: 1, into: &added)
        #expect(isSmall(added - given.weights - 0.5 * gradient))
        var along = gradient
        layer.pullBackToWeights(given.errors, along: given.change, scale: 1, into: &along)
        #expect(isSmall(along - given.pullBack(given.rates + given.change)))

        // The regressors.
        let zero = Matrix<Double>(rows: layer.weightRows, columns: layer.weightColumns)
        let linear = prediction - given.predict(given.rates, zero)
        let regressors = layer.regressors(given.rates)
        #expect(regressors.columns == examples * layer.positions * layer.groups)
        let groupRows = layer.weightRows / layer.groups
        let product = Matrix<Double>(rows: layer.weightRows, columns: examples * layer.positions) { i, j in
            (0..<layer.weightColumns).reduce(0) {
                $0 + given.weights[i, $1] * regressors[$1, j * layer.groups + i / groupRows]
            }
        }
        #expect(isSmall(product.reshaped(rows: layer.outputWidth, columns: examples) - linear))
    }

    /// The dense layer's formulas by loops: the laws alone would let a transposed one pass.
    @Test("the dense layer is W ā", arguments: [true, false])
    func dense(hasBias: Bool) {
        let layer = DenseLayer(inputWidth: 3, outputWidth: 2, hasBias: hasBias)
        let given = Arguments(layer, examples: 2, seed: 5)
        let found = given.predict(given.rates, given.weights)
        for example in 0..<2 {
            for i in 0..<2 {
                var sum = hasBias ? given.weights[i, 3] : 0
                for j in 0..<3 { sum += given.weights[i, j] * given.rates[j, example] }
                #expect(abs(found[i, example] - sum) <= 1e-14)
            }
        }
        #expect(layer.positions == 1 && layer.outputWidth == 2)
    }

    /// The convolution by loops over pixels: the laws alone would let a flipped or shifted kernel pass.
    @Test("the convolution is the sum over its window", arguments: convolutions.indices)
    func convolution(kind: Int) {
        let layer = Self.convolutions[kind]
        let (windows, given) = (layer.windows, Arguments(layer, examples: 2, seed: 8))
        let (inner, outer) = (windows.channels / layer.groups, layer.weightRows / layer.groups)
        let found = given.predict(given.rates, given.weights)
        for example in 0..<2 {
            for y in 0..<windows.places.height {
                for x in 0..<windows.places.width {
                    for o in 0..<layer.weightRows {
                        var sum = layer.hasBias ? given.weights[o, layer.weightColumns - 1] : 0
                        for c in 0..<inner {
                            for ky in 0..<windows.kernel.height {
                                for kx in 0..<windows.kernel.width {
                                    let row = y * windows.stride.height + ky - windows.padding.height
                                    let column = x * windows.stride.width + kx - windows.padding.width
                                    guard (0..<windows.image.height).contains(row),
                                        (0..<windows.image.width).contains(column)
                                    else { continue }
                                    let channel = o / outer * inner + c
                                    sum += given.weights[o, c + inner * (kx + windows.kernel.width * ky)]
                                        * given.rates[
                                            channel + windows.channels * (column + windows.image.width * row), example]
                                }
                            }
                        }
                        let place = x + windows.places.width * y
                        #expect(abs(found[o + layer.weightRows * place, example] - sum) <= 1e-13)
                    }
                }
            }
        }
    }

    /// Patches are made for a few examples at a time: more examples than that are the same one by one.
    @Test("a large mini-batch is its examples one by one", arguments: [0, 1])
    func parts(padding: Int) throws {
        let layer = try #require(
            Self.convolution(
                16, (20, 20), (5, 5), stride: (1, 1), padding: (padding, 0), outputs: 4, groups: 2, bias: true))
        let given = Arguments(layer, examples: 5, seed: 11)
        let found = given.predict(given.rates, given.weights)
        var back = given.rates
        layer.pullBackToRates(given.errors, weights: given.weights, keep: 0.5, into: &back)
        var gradient = given.weights
        for i in 0..<5 {
            let (rates, errors) = (given.rates.columns(i..<i + 1), given.errors.columns(i..<i + 1))
            #expect((found.columns(i..<i + 1) - given.predict(rates, given.weights)).maximumMagnitude <= 1e-12)
            var one = rates
            layer.pullBackToRates(errors, weights: given.weights, keep: 0.5, into: &one)
            #expect((back.columns(i..<i + 1) - one).maximumMagnitude <= 1e-12)
            layer.pullBackToWeights(errors, rates, scale: 2, keep: 1, into: &gradient)
        }
        // Sums over 5 × 320 places.
        #expect((gradient - given.weights - given.pullBack(given.rates, scale: 2)).maximumMagnitude <= 1e-11)
    }

    @Test func `a convolution needs windows that fit, and groups that divide`() {
        #expect(Self.convolutions.count == 4)
        let (one, two, three) = (
            ImageWindows.Extent(height: 1, width: 1), ImageWindows.Extent(height: 2, width: 2),
            ImageWindows.Extent(height: 3, width: 3)
        )
        let none = ImageWindows.Extent(height: 0, width: 0)
        #expect(ImageWindows(channels: 1, image: two, kernel: three, stride: one, padding: none) == nil)
        #expect(ImageWindows(channels: 1, image: two, kernel: two, stride: none, padding: none) == nil)
        let windows = ImageWindows(channels: 3, image: two, kernel: two, stride: one, padding: one)
        #expect(windows?.places == three)
        #expect(windows.flatMap { Convolution($0, outputChannels: 2, groups: 2, hasBias: true) } == nil)
    }

    private func example(_ seed: UInt64) throws -> Example {
        let layers: [any Layer] = [
            ConvolutionLayer(channels: 2, length: 5, kernel: 2, weightRows: 2, hasBias: true),
            ResidualLayer(width: 8, hasBias: true),
            DenseLayer(inputWidth: 8, outputWidth: 3, hasBias: false),
        ]
        var generator = RandomGenerator(seed: seed)
        let architecture = try Architecture(layers: layers, hiddenActivations: [.tanh, .softplus])
        return Example(
            network: try Network(
                architecture: architecture, parameters: 3 * generator.direction(architecture)),
            batch: try Batch(
                inputs: generator.matrix(10, 3), targets: generator.targets(for: .softmaxCrossEntropy, 3, 3)),
            loss: .softmaxCrossEntropy)
    }

    /// Nothing in the passes knows of these kinds.
    @Test("gradient and Hessian product of a network of other kinds of layers", arguments: 0..<4 as Range<UInt64>)
    func passes(seed: UInt64) throws {
        let example = try example(seed)
        var generator = RandomGenerator(seed: seed, stream: 9)
        let v = generator.direction(example.network.architecture)
        let start = example.linearization(0, along: v)
        let (g, hv) = (start.gradient(), start.hessianVectorProduct(v))
        #expect(isOfOrder(2, remainderOrder(floor: 1e-13) {
            example.linearization($0, along: v).meanLoss - start.meanLoss - $0 * g.dot(v)
        }))
        #expect(isOfOrder(2, remainderOrder(floor: 1e-13) {
            (example.linearization($0, along: v).gradient() - g - $0 * hv).norm
        }))
        #expect(g.norm > 1e-3 && hv.norm > 1e-3)
    }

    @Test func `layers must fit one another`() {
        let first = DenseLayer(inputWidth: 2, outputWidth: 3, hasBias: true)
        let second = DenseLayer(inputWidth: 4, outputWidth: 1, hasBias: true)
        #expect(throws: NetworkError.invalidWidths([2, 3, 1])) {
            _ = try Architecture(layers: [first, second], hiddenActivations: [.tanh])
        }
        #expect(throws: NetworkError.invalidWidths([])) {
            _ = try Architecture(layers: [], hiddenActivations: [])
        }
        #expect(throws: NetworkError.self) { _ = try Architecture(layers: [first], hiddenActivations: [.tanh]) }
    }

    @Test func `architectures differ by the kind of a layer`() throws {
        let dense = try Architecture(widths: [4, 4], activation: .tanh)
        let residual = try Architecture(layers: [ResidualLayer(width: 4, hasBias: true)], hiddenActivations: [])
        let same = try Architecture(
            layers: [DenseLayer(inputWidth: 4, outputWidth: 4, hasBias: true)], hiddenActivations: [])
        #expect(dense == same && dense.hashValue == same.hashValue)
        #expect(dense != residual && dense.widths == residual.widths)
    }
}
