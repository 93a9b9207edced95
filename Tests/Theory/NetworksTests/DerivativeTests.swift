import LinearAlgebra
import Networks
import Randomness
import Testing

/// Gradient and Hessian-vector product of the mean loss, for every activation and loss, depths one to
/// four, batches of one to five examples, layers with and without bias.
@Suite struct DerivativeTests {
    private let steps = (3...13).map { Double(sign: .plus, exponent: -$0, significand: 1) }

    @Test("Taylor expansions of loss and gradient", arguments: Activation.allCases, Loss.allCases)
    func taylor(activation: Activation, loss: Loss) throws {
        for depth in 1...4 {
            for size in 1...5 {
                let example = try Example(activation, loss, depth: depth, batch: size)
                var generator = RandomGenerator(seed: 7, stream: UInt64(depth * 10 + size))
                // The norm over three directions: the next coefficient of one may happen to vanish.
                var squares = [[Double]](repeating: [0, 0, 0], count: steps.count)
                var floor = 0.0
                for _ in 0..<3 {
                    let v = example.withinOnePiece(generator.direction(example.network.architecture))
                    let start = example.linearization(0, along: v)
                    let (g, hv) = (start.gradient(), start.hessianVectorProduct(v))
                    floor = 2e-14 * (1 + start.meanLoss)
                    for (i, t) in steps.enumerated() {
                        let moved = example.linearization(t, along: v)
                        let first = moved.meanLoss - start.meanLoss - t * g.dot(v)
                        let second = first - t * t / 2 * hv.dot(v)
                        squares[i][0] += first * first
                        squares[i][1] += second * second
                        let third = (moved.gradient() - g - t * hv).norm
                        squares[i][2] += third * third
                    }
                }
                for (k, order) in [2.0, 3, 2].enumerated() {
                    var remainders = squares.map { $0[k].squareRoot() }[...]
                    let found = remainderOrder(steps: steps, floor: floor) { _ in
                        remainders.removeFirst()
                    }
                    #expect(
                        isOfOrder(order, found),
                        "\(["gradient", "curvature", "product"][k]): depth \(depth), batch \(size)")
                }
            }
        }
    }

    @Test("the Hessian is symmetric and linear", arguments: Activation.allCases, Loss.allCases)
    func symmetry(activation: Activation, loss: Loss) throws {
        for depth in 1...4 {
            let example = try Example(activation, loss, depth: depth, batch: depth + 1)
            var generator = RandomGenerator(seed: 8, stream: UInt64(depth))
            let architecture = example.network.architecture
            let (u, v) = (generator.direction(architecture), generator.direction(architecture))
            let start = example.linearization(0, along: u)
            let (hu, hv) = (start.hessianVectorProduct(u), start.hessianVectorProduct(v))
            let scale = 1e-13 * (1 + hu.norm + hv.norm)
            #expect(abs(u.dot(hv) - v.dot(hu)) <= scale)
            let combined = start.hessianVectorProduct(2 * u - 3 * v)
            #expect((combined - (2 * hu - 3 * hv)).norm <= 10 * scale)
            let zero = Parameters<Double>(zerosFor: architecture)
            #expect(start.hessianVectorProduct(zero).norm == 0)
        }
    }

    /// A network without hidden layer has a convex loss.
    @Test("one layer has a positive semidefinite Hessian", arguments: Loss.allCases)
    func convex(loss: Loss) throws {
        let example = try Example(.identity, loss, depth: 1, batch: 4)
        var generator = RandomGenerator(seed: 9)
        for _ in 0..<50 {
            let v = generator.direction(example.network.architecture)
            let hv = example.linearization(0, along: v).hessianVectorProduct(v)
            #expect(v.dot(hv) >= -1e-15)
        }
    }

    @Test("networks of different activations in each layer", arguments: Loss.allCases)
    func mixedActivations(loss: Loss) throws {
        let architecture = try Architecture(
            widths: [3, 5, 4, 3, 2], hiddenActivations: [.softplus, .tanh, .gelu],
            biases: [true, false, true, false])
        var generator = RandomGenerator(seed: 10)
        let network = try Network(
            architecture: architecture, parameters: 4 * generator.direction(architecture))
        let batch = try Batch(
            inputs: generator.matrix(3, 3), targets: generator.targets(for: loss, 2, 3))
        let v = generator.direction(architecture)
        func at(_ t: Double) -> Linearization<Double> {
            Linearization(network: network.updated(by: v, scaledBy: t), batch: batch, loss: loss)
        }
        let (g, hv) = (at(0).gradient(), at(0).hessianVectorProduct(v))
        let order = remainderOrder(floor: 1e-14) { (at($0).gradient() - g - $0 * hv).norm }
        #expect(isOfOrder(2, order))
    }

    // MARK: - Kinks

    /// Two layers without bias; zero first weights put every hidden unit on the kink.
    private func kinked(
        _ activation: Activation, slope: Double?, secondLayerScale: Double
    ) throws -> (Linearization<Double>, Parameters<Double>) {
        var generator = RandomGenerator(seed: 11)
        let architecture = try Architecture(widths: [3, 4, 2], activation: activation, bias: false)
        var weights = generator.direction(architecture)
        weights.layers[0].scale(by: 0)
        weights.layers[1].scale(by: secondLayerScale)
        let batch = try Batch(inputs: generator.matrix(3, 2), targets: generator.matrix(2, 2))
        var units: [KinkedUnit] = []
        for unit in 0..<4 {
            for example in 0..<2 {
                guard let slope else { continue }
                units.append(KinkedUnit(layer: 1, unit: unit, example: example, slope: slope))
            }
        }
        let network = try Network(architecture: architecture, parameters: weights)
        let direction = generator.direction(architecture)
        return (
            Linearization(network: network, batch: batch, loss: .squaredError, kinkedUnits: units),
            direction
        )
    }

    /// With slope s on every unit the network is the linear one with second weights s·W₁.
    @Test("the given slopes are used at kinks", arguments: [Activation.relu, .leakyReLU], [0.02, 0.3, 1.0])
    func givenSlopes(activation: Activation, slope: Double) throws {
        let (kinked, direction) = try kinked(activation, slope: slope, secondLayerScale: 1)
        let (linear, _) = try self.kinked(.identity, slope: nil, secondLayerScale: slope)
        #expect(kinked.slopes[1] == Matrix(rows: 4, columns: 2, repeating: slope))
        let (found, expected) = (kinked.gradient(), linear.gradient())
        #expect((found.layers[0] - expected.layers[0]).norm <= 1e-15)
        #expect(found.layers[0].norm > 1e-3 && found.layers[1].norm == 0)
        var scaled = direction
        scaled.layers[1].scale(by: slope)
        let (product, reference) = (
            kinked.hessianVectorProduct(direction), linear.hessianVectorProduct(scaled)
        )
        #expect((product.layers[0] - reference.layers[0]).norm <= 1e-14)
        #expect((product.layers[1] - slope * reference.layers[1]).norm <= 1e-14)
    }

    @Test("without a given slope the left one counts", arguments: [Activation.relu, .leakyReLU])
    func leftSlope(activation: Activation) throws {
        let left = try #require(activation.kink).leftSlope
        let (standard, v) = try kinked(activation, slope: nil, secondLayerScale: 1)
        let (given, _) = try kinked(activation, slope: left, secondLayerScale: 1)
        #expect(standard.gradient() == given.gradient())
        #expect(standard.hessianVectorProduct(v) == given.hessianVectorProduct(v))
    }

    @Test func `a slope belongs to one unit of one example`() throws {
        let example = try Example(.relu, .squaredError, depth: 3, batch: 3)
        let plain = example.linearization(0, along: example.network.parameters)
        let unit = KinkedUnit(layer: 2, unit: 1, example: 2, slope: 0.25)
        let changed = Linearization(
            network: example.network, batch: example.batch, loss: example.loss, kinkedUnits: [unit])
        var expected = plain.slopes
        expected[2][1, 2] = 0.25
        #expect(changed.slopes == expected)
        #expect(changed.activities == plain.activities && changed.meanLoss == plain.meanLoss)
    }
}
