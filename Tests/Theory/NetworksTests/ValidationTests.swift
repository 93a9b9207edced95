import LinearAlgebra
import Networks
import Testing

@Suite struct ValidationTests {
    @Test(
        "widths that are no network",
        arguments: [
            [], [3], [3, 0], [0, 3], [3, -1, 2], [2, .max], [1 << 40, 1 << 40], [1 << 30, 2],
            [Int](repeating: (1 << 30) - 1, count: 9),
        ] as [[Int]])
    func invalidWidths(widths: [Int]) throws {
        #expect(throws: NetworkError.invalidWidths(widths)) {
            try Architecture(widths: widths, activation: .tanh)
        }
        #expect(NetworkError.invalidWidths(widths).description.contains("all positive"))
    }

    @Test("activations and bias flags for each layer", arguments: [0, 1, 3])
    func layerCounts(found: Int) {
        #expect(
            throws: NetworkError.layerCount(what: "hidden activations", expected: 2, found: found)
        ) {
            try Architecture(
                widths: [2, 3, 4, 1], hiddenActivations: Array(repeating: .tanh, count: found),
                biases: [true, true, true])
        }
        let flags = found == 3 ? 4 : found
        #expect(throws: NetworkError.layerCount(what: "bias flags", expected: 3, found: flags)) {
            try Architecture(
                widths: [2, 3, 4, 1], hiddenActivations: [.tanh, .relu],
                biases: Array(repeating: true, count: flags))
        }
    }

    @Test func `what an architecture knows of itself`() throws {
        let mixed = try Architecture(
            widths: [5, 4, 3, 2], hiddenActivations: [.relu, .gelu], biases: [true, false, true])
        #expect(mixed.depth == 3 && mixed.inputWidth == 5 && mixed.outputWidth == 2)
        #expect((0..<3).map(mixed.columns(ofLayer:)) == [6, 4, 4])
        #expect(mixed.parameterCount == 4 * 6 + 3 * 4 + 2 * 4)
        #expect(mixed.hasKinks)
        #expect((0...3).map(mixed.activation(ofLayer:)) == [.identity, .relu, .gelu, .identity])
        #expect(mixed.summary == "5-4-3-2 relu,gelu bias in layers 0,2")
        let linear = try Architecture(widths: [2, 1], activation: .relu, bias: false)
        #expect(!linear.hasKinks && linear.summary == "2-1 linear without bias")
        let paper = try Architecture(widths: [784, 256, 256, 10], activation: .relu, bias: false)
        #expect(paper.parameterCount == 268_800)
        #expect(
            try Architecture(widths: [2, 2, 2], activation: .leakyReLU).summary
                == "2-2-2 leaky-relu with bias")
    }

    @Test func `weights must have the architecture's shapes and be finite`() throws {
        let architecture = try Architecture(widths: [2, 3, 1], activation: .tanh)
        let good = Parameters<Double>(zerosFor: architecture)
        #expect(good.layers.map(\.shape) == ["3×3", "1×4"] && good.count == 13)
        #expect(throws: Never.self) { try Network(architecture: architecture, parameters: good) }
        for count in [0, 1, 3] {
            let layers = Array((good.layers + good.layers).prefix(count))
            #expect(
                throws: NetworkError.layerCount(what: "weight matrices", expected: 2, found: count)
            ) {
                try Network(architecture: architecture, parameters: Parameters(layers: layers))
            }
        }
        // A missing bias column, the transpose, a row too many.
        for (layer, shape) in [(0, (3, 2)), (1, (4, 1)), (1, (2, 4))] {
            var bad = good
            bad.layers[layer] = Matrix(rows: shape.0, columns: shape.1)
            let expected = NetworkError.weightShape(
                layer: layer, expected: ["3×3", "1×4"][layer], found: "\(shape.0)×\(shape.1)")
            #expect(throws: expected) { try Network(architecture: architecture, parameters: bad) }
        }
        for value in [Double.nan, .infinity, -.infinity] {
            var bad = good
            bad.layers[1][0, 3] = value
            #expect(!bad.isFinite() && good.isFinite())
            #expect(throws: NetworkError.notFinite(tensor: "weights of layer 1")) {
                try Network(architecture: architecture, parameters: bad)
            }
        }
    }

    @Test func `batches`() throws {
        let two = Matrix<Double>(rows: 3, columns: 2, repeating: 0.5)
        #expect(try Batch(inputs: two, targets: two).size == 2)
        #expect(throws: NetworkError.emptyBatch) {
            try Batch(inputs: Matrix<Double>(rows: 3, columns: 0), targets: two)
        }
        let expected = NetworkError.shapeMismatch(what: "number of targets", expected: 2, found: 1)
        #expect(throws: expected) {
            try Batch(inputs: two, targets: Matrix<Double>(rows: 3, columns: 1))
        }
        for value in [Double.nan, .infinity, -.infinity] {
            var bad = two
            bad[2, 1] = value
            #expect(throws: NetworkError.notFinite(tensor: "inputs")) {
                try Batch(inputs: bad, targets: two)
            }
            #expect(throws: NetworkError.notFinite(tensor: "targets")) {
                try Batch(inputs: two, targets: bad)
            }
        }
    }

    @Test func `an overflow on conversion to single precision is an error`() throws {
        let huge = try Batch(
            inputs: Matrix<Double>(column: [1e60]), targets: Matrix<Double>(column: [0]))
        #expect(throws: NetworkError.notFinite(tensor: "inputs")) {
            try huge.converted(to: Float.self)
        }
        let fine = try Batch(
            inputs: Matrix<Double>(column: [0.1]), targets: Matrix<Double>(column: [0.2]))
        #expect(try fine.converted(to: Float.self).inputs[0, 0] == 0.1 as Float)
    }
}
