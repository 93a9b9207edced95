public import LinearAlgebra
internal import RealModule

/// The weights of all layers, or a direction in their space: `θ = (W₀, …, W_{N−1})`.
///
/// `Wₙ` is `dₙ₊₁ × dₙ`, with the bias as one more column. Updates, gradients and Hessian-vector
/// products have this type too; it is a Euclidean space.
public struct Parameters<Scalar: BLASScalar>: Sendable, Equatable {
    /// `W₀ … W_{N−1}`.
    public var layers: [Matrix<Scalar>]

    public init(layers: [Matrix<Scalar>]) {
        self.layers = layers
    }

    /// The zero of the parameter space of `architecture`.
    public init(zerosFor architecture: Architecture) {
        layers = architecture.weightLayers.map {
            Matrix(rows: $0.weightRows, columns: $0.weightColumns)
        }
    }

    /// A direction of `architecture` that is to be written before it is read.
    package init(uninitializedFor architecture: Architecture) {
        layers = architecture.weightLayers.map {
            Matrix(uninitializedRows: $0.weightRows, columns: $0.weightColumns)
        }
    }

    /// The number of weights.
    public var count: Int { layers.reduce(0) { $0 + $1.count } }

    /// The Euclidean norm of all weights together.
    public var norm: Scalar {
        layers.reduce(0) { Scalar.hypot($0, $1.norm) }
    }

    /// The Euclidean inner product.
    public func dot(_ other: Parameters) -> Scalar {
        zip(layers, other.layers).reduce(0) { $0 + $1.0.dot($1.1) }
    }

    /// `self ← self + scale · other`.
    public mutating func add(_ other: Parameters, scaledBy scale: Scalar = 1) {
        for n in layers.indices { layers[n].add(other.layers[n], scaledBy: scale) }
    }

    /// `self ← scale · self`.
    public mutating func scale(by scale: Scalar) {
        for n in layers.indices { layers[n].scale(by: scale) }
    }

    /// Whether every weight is finite.
    public func isFinite() -> Bool { layers.allSatisfy { $0.isFinite() } }

    /// All weights in one array: layer after layer, each in column-major order.
    public var flattened: [Scalar] { layers.flatMap(\.elements) }

    /// The same weights in another precision.
    public func converted<Target: BLASScalar>(to type: Target.Type) -> Parameters<Target> {
        Parameters<Target>(layers: layers.map { $0.converted(to: type) })
    }

    public static func + (left: Parameters, right: Parameters) -> Parameters {
        var result = left
        result.add(right)
        return result
    }

    public static func - (left: Parameters, right: Parameters) -> Parameters {
        var result = left
        result.add(right, scaledBy: -1)
        return result
    }

    public static func * (scale: Scalar, parameters: Parameters) -> Parameters {
        var result = parameters
        result.scale(by: scale)
        return result
    }
}
