internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks

/// The implicit equation of the weights into one node, as an equation for the slopes of its units on kinks.
///
/// Row `j` (a channel) is `ΔW[j] + (α/B) Σₚ δⱼₚ xₚᵀ = 0`, `xₚ` the patch that the map sees at the place and example `p`, and
/// `δⱼₚ = sⱼₚcⱼₚ`. What is open in it are the slopes `s` of the channel's units on kinks: a small least-squares problem with
/// their patches as columns, where the equation of all parameters has each of them in the derivatives of every tensor
/// below. Patches that repeat have many slopes that do; those nearest to the middle are taken that are slopes at all.
struct OwnWeightsEquation {
    private let node: Int
    private let edge: Int
    private let map: WeightedMap

    /// `nil` for a node without an edge whose weights are used nowhere else and whose map is the last on it, with one group.
    init?(_ node: Int, in architecture: GraphArchitecture) {
        let weights = architecture.nodes.elements.flatMap(\.edges).compactMap { $0.weighted?.weight }
        let suitable = architecture.nodes[node].edges.enumerated().first { _, edge in
            guard let map = edge.weighted, edge.after.isEmpty, map.orientation == .none, map.layer.groups == 1 else {
                return false
            }
            return weights.count { $0 == map.weight } == 1
        }
        guard let suitable, let map = suitable.element.weighted else { return nil }
        (self.node, edge, self.map) = (node, suitable.offset, map)
    }

    /// The slopes of `units`, all of this node, where the equation has a say in them.
    ///
    /// - Parameters:
    ///   - step: `α/B`.
    ///   - errors: `∂ℓᵢ/∂h` of the node; what is there for `units` does not count.
    ///   - feedback: `∂ℓᵢ/∂a` of the node.
    func slopes(
        of units: [KinkedUnit], _ kink: Kink, update: Parameters<Double>, step: Double, errors: Matrix<Double>,
        feedback: Matrix<Double>, _ pass: GraphPass
    ) -> [Double?] {
        let entered = pass.entered[node][edge]
        let channels = map.layer.weightRows
        var known = errors
        for unit in units { known[unit.unit, unit.example] = 0 }
        var target = update.layers[map.weight]
        target.scale(by: -1)
        map.layer.pullBackToWeights(known, entered, scale: -step, keep: 1, into: &target)
        let patches = map.layer.regressors(entered)
        var result = [Double?](repeating: nil, count: units.count)
        for (channel, members) in Dictionary(grouping: units.indices, by: { units[$0].unit % channels }) {
            let found = kink.limitedBalancingSlopes(
                patches, columns: members.map { units[$0].example * map.layer.positions + units[$0].unit / channels },
                feedback: members.map { step * feedback[units[$0].unit, units[$0].example] },
                target: Matrix(column: (0..<target.columns).map { target[channel, $0] }))
            for (k, slope) in zip(members, found) { result[k] = slope }
        }
        return result
    }
}
