internal import Randomness

extension Generator {
    /// Elements of the collection with equal probability. They shrink toward the first. An empty collection has
    /// none, and every case is discarded.
    public static func element(of values: some Collection<Value>) -> Generator where Value: Sendable {
        let values = Array(values)
        guard let last = UInt64(exactly: values.count - 1) else {
            return .nothing("element(of:) of an empty collection")
        }
        return Generator { source in values[Int(try source.draw(upTo: last))] }
    }

    /// Values of one of the generators, each with equal probability. They shrink toward the first generator. No
    /// generators have no values, and every case is discarded.
    ///
    /// Put a generator that ends a recursion first.
    public static func oneOf(_ generators: [Generator]) -> Generator {
        .frequency(generators.map { (1, $0) })
    }

    /// Values of one of the generators, with probability proportional to its weight.
    ///
    /// They shrink toward the first generator of the list, whatever the weights. A weight of 0 or below is never
    /// drawn afresh. Without a positive weight every case is discarded.
    public static func frequency(_ alternatives: [(weight: Int, generator: Generator)]) -> Generator {
        let usable = alternatives.filter { $0.weight > 0 }
        guard let last = UInt64(exactly: usable.count - 1) else {
            return .nothing("frequency(_:) without a positive weight")
        }
        // Bounded, so that the sum cannot overflow.
        let weights = usable.map { UInt64(min($0.weight, Int(UInt32.max))) }
        let total = weights.reduce(0, +)
        let generators = usable.map(\.generator)
        return Generator { source in
            let proposal = source.sample { bits -> UInt64 in
                var remaining = bits.uniform(upTo: total - 1)
                var index = 0
                while remaining >= weights[index] {
                    remaining -= weights[index]
                    index += 1
                }
                return UInt64(index)
            }
            let index = try source.draw(upTo: last, proposing: proposal)
            return try source.draw(generators[Int(index)])
        }
    }

    /// Nil with probability 1/4, otherwise a value of `wrapped`. They shrink toward nil.
    public static func optional<Wrapped>(_ wrapped: Generator<Wrapped>) -> Generator where Value == Wrapped? {
        Generator { source in
            let proposal = source.sample { bits -> UInt64 in bits.uniform(upTo: 3) == 0 ? 0 : 1 }
            guard try source.draw(upTo: 1, proposing: proposal) == 1 else { return nil }
            return try source.draw(wrapped)
        }
    }
}
