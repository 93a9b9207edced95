import Graphs
import LinearAlgebra
import Networks
import Randomness
import Testing

/// The laws of `FixedMap`, and every kind against loops over the entries in the order of files.
@Suite("Fixed linear maps") struct FixedMapTests {
    /// A kind with its settings, the source's shape, and what entry of the result is made of which entries of the source.
    struct Kind: Sendable {
        let map: MapDescription
        let source: [Int]
        let target: [Int]
        /// The row-major result of a row-major source, from the definition.
        let definition: @Sendable ([Double]) -> [Double]
    }

    static let kinds: [Kind] = [
        Kind(map: MapDescription("flatten"), source: [2, 3, 4], target: [24], definition: same),
        Kind(map: MapDescription("reshape", ["shape": [4, 6]]), source: [2, 3, 4], target: [4, 6], definition: same),
        Kind(map: MapDescription("slice", ["start": 5, "length": 7]), source: [3, 4], target: [7], definition: sliced),
        Kind(
            map: MapDescription("subsample", ["stride": [2, 3]]), source: [2, 3, 4], target: [2, 2, 2],
            definition: subsampledImage),
        Kind(
            map: MapDescription("subsample", ["stride": [2]]), source: [2, 5], target: [2, 3],
            definition: subsampledSequence),
        Kind(map: MapDescription("scale", ["factor": -1.5]), source: [2, 3], target: [2, 3], definition: scaled),
        Kind(
            map: MapDescription("average-pool", ["size": [2, 3], "stride": [1, 2], "padding": [1, 1]]), source: [2, 3, 4],
            target: [2, 4, 2], definition: pooled),
    ]

    @Sendable static func pooled(_ x: [Double]) -> [Double] {
        var result: [Double] = []
        for c in 0..<2 {
            for i in 0..<4 {
                for j in 0..<2 {
                    var sum = 0.0
                    for row in [i - 1, i] where (0..<3).contains(row) {
                        for column in [2 * j - 1, 2 * j, 2 * j + 1] where (0..<4).contains(column) {
                            sum += x[c * 12 + row * 4 + column]
                        }
                    }
                    result.append(sum / 6)
                }
            }
        }
        return result
    }

    @Sendable static func same(_ x: [Double]) -> [Double] { x }
    @Sendable static func sliced(_ x: [Double]) -> [Double] { Array(x[5..<12]) }
    @Sendable static func scaled(_ x: [Double]) -> [Double] { x.map { -1.5 * $0 } }

    @Sendable static func subsampledImage(_ x: [Double]) -> [Double] {
        var result: [Double] = []
        for c in 0..<2 { for i in [0, 2] { for j in [0, 3] { result.append(x[c * 12 + i * 4 + j]) } } }
        return result
    }

    @Sendable static func subsampledSequence(_ x: [Double]) -> [Double] {
        var result: [Double] = []
        for c in 0..<2 { for i in [0, 2, 4] { result.append(x[c * 5 + i]) } }
        return result
    }

    /// The map alone between an input and a dense map that lets one entry after the other through.
    private func map(_ kind: Kind) throws -> any FixedMap {
        let count = kind.target.reduce(1, *)
        let graph = GraphDescription(
            input: "x", inputShape: kind.source,
            nodes: [
                NodeDescription(
                    name: "out", activation: .identity,
                    edges: [EdgeDescription(from: "x", [kind.map, MapDescription("flatten"), SampleGraph.dense("w")])])
            ], output: "out")
        let architecture = try GraphArchitecture(graph, tensors: ["w": [1, count]])
        return try #require(architecture.nodes[1].edges[0].before.first)
    }

    /// Row by row, from the order in which nodes keep entries: the channel is the fastest index there.
    private func rowMajor(_ kept: [Double], _ shape: [Int]) -> [Double] {
        let (channels, rest) = (shape[0], shape.dropFirst().reduce(1, *))
        return (0..<channels).flatMap { c in (0..<rest).map { kept[c + channels * $0] } }
    }

    private func kept(_ rowMajor: [Double], _ shape: [Int]) -> [Double] {
        let (channels, rest) = (shape[0], shape.dropFirst().reduce(1, *))
        return (0..<rest).flatMap { r in (0..<channels).map { rowMajor[$0 * rest + r] } }
    }

    @Test("each kind is its definition", arguments: kinds.indices)
    func definition(_ index: Int) throws {
        let kind = Self.kinds[index]
        let map = try map(kind)
        #expect(map.target.dimensions == kind.target)
        var generator = RandomGenerator(seed: 1)
        for _ in 0..<2 {
            let values = generator.values(kind.source.reduce(1, *))
            let found = map.apply(Matrix(column: kept(values, kind.source)))
            let expected = kind.definition(values)
            #expect(zip(rowMajor(found.elements, kind.target), expected).allSatisfy { abs($0 - $1) <= 1e-15 })
            #expect(found.count == expected.count)
        }
    }

    @Test("each kind is linear, and its transpose is", arguments: kinds.indices)
    func laws(_ index: Int) throws {
        let map = try map(Self.kinds[index])
        var generator = RandomGenerator(seed: 2)
        let count = Self.kinds[index].source.reduce(1, *)
        let (x, y) = (generator.matrix(count, 3), generator.matrix(count, 3))
        let errors = generator.matrix(map.target.count, 3)
        #expect((map.apply(x + 2.5 * y) - map.apply(x) - 2.5 * map.apply(y)).maximumMagnitude <= 1e-14)
        #expect(abs(map.apply(x).dot(errors) - x.dot(map.pullBack(errors))) <= 1e-13)
        let magnitudes = map.applyMagnitudes(Matrix(rows: count, columns: 3) { abs(x[$0, $1]) })
        let applied = map.apply(x)
        #expect((0..<applied.count).allSatisfy { abs(applied.elements[$0]) <= magnitudes.elements[$0] + 1e-15 })
    }
}
