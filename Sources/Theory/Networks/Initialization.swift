internal import LinearAlgebra
public import Randomness

/// How the weights of a new network are drawn. Fan-in is `dₙ`, fan-out `dₙ₊₁`; biases do not count.
public enum Initialization: String, CaseIterable, Sendable, Hashable, Codable {
    /// Weights and biases uniform on ±1/√fan-in: PyTorch's default for `nn.Linear`.
    case uniform
    /// Weights uniform on ±√(6/(fan-in + fan-out)), biases zero (Glorot and Bengio 2010): the
    /// default of Flax's and Haiku's neighbours in JAX, and of Keras.
    case glorot
    /// Weights normal with variance 2/fan-in, biases zero (He et al. 2015), for ReLU networks.
    case he

    /// The name used on the command line and in reports.
    public var name: String { rawValue }

    /// One weight or bias, in `Double`. A bias that is zero takes nothing from the generator.
    package func draw(
        isBias: Bool, fanIn: Int, fanOut: Int, using generator: inout RandomGenerator
    ) -> Double {
        switch self {
        case .uniform: (2 * generator.nextUniform() - 1) / Double(fanIn).squareRoot()
        case .glorot where !isBias:
            (2 * generator.nextUniform() - 1) * (6 / Double(fanIn + fanOut)).squareRoot()
        case .he where !isBias: generator.nextNormal() * (2 / Double(fanIn)).squareRoot()
        case .glorot, .he: 0
        }
    }
}

extension Network {
    /// A network with random weights.
    ///
    /// Weights are drawn layer by layer, column by column, in `Double` and then rounded to `Scalar`,
    /// so a seed gives the same network in both precisions up to that rounding.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    public init(
        architecture: Architecture, initialization: Initialization = .uniform,
        using generator: inout RandomGenerator
    ) {
        var parameters = Parameters<Scalar>(zerosFor: architecture)
        for n in 0..<architecture.depth {
            let fanIn = architecture.widths[n]
            let fanOut = architecture.widths[n + 1]
            let columns = parameters.layers[n].columns
            parameters.layers[n].withMutablePointer { weights in
                for j in 0..<columns {
                    let isBias = j == fanIn
                    for i in 0..<fanOut {
                        let value = initialization.draw(
                            isBias: isBias, fanIn: fanIn, fanOut: fanOut, using: &generator)
                        weights[i + j * fanOut] = Scalar(value)
                    }
                }
            }
        }
        self.init(drawn: architecture, parameters: parameters)
    }
}
