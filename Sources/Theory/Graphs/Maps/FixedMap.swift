package import LinearAlgebra

/// A linear map without parameters that an edge applies to the rates of a node: `y = Fx`, example by example.
///
/// A further kind is one file and one line of `fixedMaps`. Its laws are `F(x + λx') = Fx + λFx'` and
/// `⟨Fx, e⟩ = ⟨x, Fᵀe⟩`; `FixedMapTests` checks them, and compares with loops over entries.
package protocol FixedMap: Hashable, Sendable {
    /// Its name in a description.
    static var kind: String { get }

    /// - Throws: `GraphError` if a setting is wrong, or the map cannot take this shape.
    init(_ settings: inout MapSettings, source: ActivityShape) throws(GraphError)

    /// The shape of what it makes.
    var target: ActivityShape { get }

    /// `Fx` for every column.
    func apply(_ source: Matrix<Double>) -> Matrix<Double>

    /// `Fᵀe` for every column.
    func pullBack(_ errors: Matrix<Double>) -> Matrix<Double>

    /// `|F|x`, with the magnitudes of all coefficients: what errors of `x` can become at most.
    func applyMagnitudes(_ source: Matrix<Double>) -> Matrix<Double>
}

extension FixedMap {
    /// For maps without negative coefficients.
    package func applyMagnitudes(_ source: Matrix<Double>) -> Matrix<Double> { apply(source) }
}

/// All kinds of fixed maps.
package let fixedMaps: [any FixedMap.Type] = [
    AveragePooling.self, Flattening.self, Reshaping.self, Slicing.self, Subsampling.self, Scaling.self,
]
