internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// Branch and bound over boxes of activities: how far below a known value `P_α` can be anywhere.
///
/// Every global minimiser has its activities in the box to begin with (T2: `½qₙ‖eₙ₊₁‖² ≤ αP`, layer by layer). A box is
/// discarded where `αE` is proved above the best value known, where it has no stationary point because a derivative has
/// one sign, or where it falls to one side of a kink. What is left is split. All bounds are of interval arithmetic:
///
/// - of the terms of `αE` one by one;
/// - `E(c) − Σ|∂E(box)ᵢ|rᵢ`, which needs no second derivative and so holds across kinks;
/// - on one side of every kink `E(c) + Σ minₜ(gᵢt + ½λt²/rᵢ²)`, with `λ` a lower bound of the Hessian's eigenvalues over the
///   box in units of its radii. Where `λ > 0`, `c` is where Newton's step leads.
struct GlobalSearch {
    private let energy: BoxEnergy
    /// The best value of `αE` known, an upper bound of its minimum.
    private(set) var best: Double
    /// Where it was found; `nil` if it is the one to begin with.
    private(set) var bestBox: ActivityBox?
    private(set) var boxes = 0
    private var queue = BoxQueue()

    /// `nil` where there is nothing to search: no variable, or an overflow.
    ///
    /// - Parameter best: a value that `αE` is proved not to exceed somewhere.
    init?(_ energy: BoxEnergy, best: Double) {
        self.energy = energy
        self.best = best
        guard best.isFinite, let start = energy.startingBox(energy: best), !start.free.isEmpty else { return nil }
        consider(start)
    }

    /// Splits boxes until the least bound is within `gap` of the best value, relative to it, or `limit` boxes were bounded.
    /// Returns a proved lower bound of `min αE`.
    mutating func run(gap: Double, limit: Int) -> Double {
        while let next = queue.least {
            if next.lower >= best * (1 - gap) || boxes >= limit { return min(next.lower, best) }
            queue.removeLeast()
            for part in next.box.split(layer: next.layer, unit: next.unit) { consider(part) }
        }
        return best
    }

    /// Bounds a box and keeps it unless it is of no interest.
    private mutating func consider(_ whole: ActivityBox) {
        boxes += 1
        var box = whole
        var value = energy.evaluate(box)
        for _ in 0..<Self.contractions {
            guard value.energy.lower <= best, let smaller = energy.contracted(box, value, energy: best) else { return }
            box = smaller
            value = energy.evaluate(box)
        }
        let free = box.free
        for n in box.pieces.indices {
            for i in box.pieces[n].indices where box.pieces[n][i] == .held {
                if energy.fallsBesideKink(value, layer: n, unit: i) { return }
            }
        }
        let gradient = energy.gradient(value, box)
        let slopes = free.map { gradient[$0.layer][$0.unit] }
        guard slopes.allSatisfy({ $0.contains(0) }) else { return }
        let bounds = BoxBounds(energy, box, value, slopes: slopes)
        if bounds.upper < best { (best, bestBox) = (bounds.upper, bounds.point) }
        guard bounds.lower <= best else { return }
        guard let widest = bounds.splitting else {
            // One point: its value is its bound.
            queue.insert(BoxQueue.Entry(box: box, lower: bounds.lower, layer: 0, unit: 0))
            return
        }
        queue.insert(
            BoxQueue.Entry(box: box, lower: bounds.lower, layer: free[widest].layer, unit: free[widest].unit))
    }

    /// How often a box is contracted before it is bounded.
    private static let contractions = 2
}

/// Boxes by their lower bounds, the least first.
private struct BoxQueue {
    struct Entry {
        let box: ActivityBox
        let lower: Double
        let layer: Int
        let unit: Int
    }

    private var heap: [Entry] = []

    var least: Entry? { heap.first }

    mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var k = heap.count - 1
        while k > 0, heap[k].lower < heap[(k - 1) / 2].lower {
            heap.swapAt(k, (k - 1) / 2)
            k = (k - 1) / 2
        }
    }

    mutating func removeLeast() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap[0] = last
        var k = 0
        while true {
            let children = [2 * k + 1, 2 * k + 2].filter { $0 < heap.count }
            guard let child = children.min(by: { heap[$0].lower < heap[$1].lower }), heap[child].lower < heap[k].lower
            else { return }
            heap.swapAt(k, child)
            k = child
        }
    }
}
