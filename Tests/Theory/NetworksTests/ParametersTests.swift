import LinearAlgebra
import Networks
import Randomness
import Testing

@Suite struct ParametersTests {
    private let architecture: Architecture

    init() throws {
        architecture = try Architecture(
            widths: [3, 4, 2], hiddenActivations: [.tanh], biases: [false, true])
    }

    @Test func `parameters are one Euclidean space`() {
        var generator = RandomGenerator(seed: 1)
        let (a, b) = (generator.direction(architecture), generator.direction(architecture))
        let (x, y) = (a.flattened, b.flattened)
        #expect(x.count == a.count && a.count == architecture.parameterCount)
        #expect((a + b).flattened == zip(x, y).map { $0 + $1 })
        #expect((a - b).flattened == zip(x, y).map { $0 - $1 })
        #expect((2 * a).flattened == x.map { 2 * $0 })
        let dot = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(a.dot(b) - dot) <= 1e-15)
        #expect(abs(a.norm * a.norm - a.dot(a)) <= 1e-14)
        var sum = a
        sum.add(b, scaledBy: -3)
        #expect((sum - (a - 3 * b)).norm <= 1e-15)
    }

    @Test func `the order of flattened weights is layer, column, row`() {
        var parameters = Parameters<Double>(zerosFor: architecture)
        parameters.layers[0][1, 0] = 1
        parameters.layers[0][0, 1] = 2
        parameters.layers[1][0, 0] = 3
        parameters.layers[1][1, 4] = 4
        let flat = parameters.flattened
        #expect(flat[1] == 1 && flat[4] == 2 && flat[12] == 3 && flat[21] == 4)
        #expect(flat.count == 22)
    }

    @Test func `the norm does not overflow`() {
        var parameters = Parameters<Double>(zerosFor: architecture)
        parameters.layers[0][0, 0] = 3e200
        parameters.layers[1][0, 0] = 4e200
        #expect(abs(parameters.norm / 5e200 - 1) <= 1e-15)
    }

    @Test func `an update in place and a copy agree`() {
        var generator = RandomGenerator(seed: 2)
        let network = Network<Double>(architecture: architecture, using: &generator)
        let update = generator.direction(architecture)
        var moved = network
        moved.apply(update)
        #expect(moved == network.updated(by: update))
        #expect(moved.parameters == network.parameters + update)
        let half = network.updated(by: update, scaledBy: 0.5).parameters
        #expect((half - (network.parameters + 0.5 * update)).norm <= 1e-15)
    }
}
