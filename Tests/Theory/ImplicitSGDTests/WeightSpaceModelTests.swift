import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

/// The model against differences of `P` computed in plain loops, on pieces with held and chosen slopes.
@Suite("Weight-space model")
struct WeightSpaceModelTests {
    /// A problem, a point near which some units have slopes of their own, and the plain network of that piece.
    static func piece(
        seed: UInt64, examples: Int = 2, bias: Bool = true
    ) throws -> (problem: ProximalProblem, point: Parameters<Double>, units: [KinkedUnit], plain: PlainNetwork<Double>) {
        let problem = try randomProblem(
            seed: seed, widths: [3, 4, 3, 2], activation: .leakyReLU, loss: .squaredError, bias: bias,
            batchSize: examples, learningRate: 0.8)
        let point = 0.3 * randomDirection(for: problem.network.architecture, seed: seed + 1)
        let units = [
            KinkedUnit(layer: 1, unit: 0, example: 0, slope: 0.4),
            KinkedUnit(layer: 2, unit: 1, example: examples - 1, slope: 0.7),
        ]
        var plain = PlainNetwork<Double>(problem)
        for unit in units { plain.slopes[[unit.layer, unit.unit, unit.example]] = unit.slope }
        // All others keep the piece that they are on.
        for example in 0..<examples {
            for (n, layer) in plain.activities(point, example: example).dropLast().enumerated() {
                for (i, activity) in layer.enumerated() where plain.slopes[[n + 1, i, example]] == nil {
                    plain.slopes[[n + 1, i, example]] = activity > 0 ? 1 : Activation.leak
                }
            }
        }
        return (problem, point, units, plain)
    }

    @Test("Value, gradient and Hessian product are those of the piece", arguments: [1, 2] as [UInt64])
    func derivatives(_ seed: UInt64) throws {
        let (problem, point, units, plain) = try Self.piece(seed: seed)
        var model = WeightSpaceModel(problem)
        model.hold(units, fixing: units, at: point)
        #expect(abs(model.value - plain.objective(point)) <= 1e-13 * model.value)
        let gradient = model.gradient.flattened
        let step = 1e-5
        for k in gradient.indices {
            var (up, down) = (point, point)
            up.shift(k, by: step)
            down.shift(k, by: -step)
            let slope = (plain.objective(up) - plain.objective(down)) / (2 * step)
            #expect(abs(gradient[k] - slope) <= 1e-7)
        }
        let direction = randomDirection(for: problem.network.architecture, seed: 77)
        var image = direction
        model.hessianProduct(direction, into: &image)
        let hessian = plain.hessian(point)
        let flat = direction.flattened
        for (i, entry) in image.flattened.enumerated() {
            let expected = zip(hessian[i], flat).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(entry - expected) <= 1e-5)
        }
    }

    @Test("Tangents and pull-backs are transposes, and derivatives of the activities")
    func tangents() throws {
        let (problem, point, units, plain) = try Self.piece(seed: 3)
        var model = WeightSpaceModel(problem)
        model.hold(units, fixing: units, at: point)
        let direction = randomDirection(for: problem.network.architecture, seed: 5)
        model.linearize(along: direction)
        let step = 1e-6
        for example in 0..<2 {
            let up = plain.activities(point + step * direction, example: example)
            let down = plain.activities(point - step * direction, example: example)
            for n in up.indices {
                for i in up[n].indices {
                    let slope = (up[n][i] - down[n][i]) / (2 * step)
                    #expect(abs(model.activityTangents[n + 1][i, example] - slope) <= 1e-8)
                }
            }
        }
        let seeds = PerLayer(
            from: 1, randomBlocks(like: model.activities, seed: 9, scale: 1))
        var back = direction
        model.pullBack(seeds, into: &back)
        let left = back.dot(direction)
        let right = zip(seeds, model.activityTangents).reduce(0) { $0 + $1.0.dot($1.1) }
        #expect(abs(left - right) <= 1e-12 * (1 + abs(left)))
    }

    /// The model of a smoothed kink leaves out the curvature `φ″ ∂ℓ/∂a` of concave ones, and nothing else: with it added
    /// again, the product is the derivative of the gradient.
    @Test("Of smoothed kinks the convex ones are curved")
    func smoothedKinks() throws {
        let dropped = try (11...16).map { try curvatureDropped(seed: $0) }
        #expect(dropped.filter { $0 > 0 }.count >= 3)
    }

    /// Compares the product with differences of the gradient at a point; returns the curvature of concave kinks there.
    private func curvatureDropped(seed: UInt64) throws -> Double {
        let problem = try randomProblem(
            seed: seed, widths: [4, 8, 6, 3], activation: .leakyReLU, batchSize: 6, learningRate: 0.8)
        let direction = randomDirection(for: problem.network.architecture, seed: seed + 2)
        var model = WeightSpaceModel(problem)
        model.beginSmoothing(fraction: 3)
        // Units that cross their kink from where the smoothing began are on its bend.
        let point = 2 * randomDirection(for: problem.network.architecture, seed: seed + 1)
        model.move(to: point)
        model.differentiate()
        var product = model.zero
        model.hessianProduct(direction, into: &product)
        var dropped = 0.0
        for n in model.hiddenLayers {
            for k in 0..<model.slopes[n].count {
                let (slope, feedback) = (model.slopes[n].elements[k], model.feedback[n].elements[k])
                let tangent = model.activityTangents[n].elements[k]
                guard slope > Activation.leak, slope < 1, feedback < 0 else { continue }
                dropped -= feedback / model.kinks.widths[n] * tangent * tangent / Double(model.examples)
            }
        }
        let step = 1e-6
        var (ahead, behind) = (model, model)
        ahead.move(to: point + step * direction)
        ahead.differentiate()
        behind.move(to: point - step * direction)
        behind.differentiate()
        let difference = (ahead.gradient.dot(direction) - behind.gradient.dot(direction)) / (2 * step)
        #expect(abs(product.dot(direction) - dropped - difference) <= 1e-6 * product.dot(direction), "seed \(seed)")
        return dropped
    }
}
