import PropertyTesting
import Testing

@Suite struct Generators {
    @Test(arguments: [0...0, 0...9, -5...5, 3...8, -9...(-4), Int.min...Int.max, Int.min...(-1), 1...Int.max])
    func `integers stay in their range, and zero choices give the one nearest to 0`(range: ClosedRange<Int>) throws {
        let values = samples(of: .int(in: range))
        #expect(values.count == 500)
        #expect(values.allSatisfy(range.contains))
        #expect(try value(of: .int(in: range), choices: []) == min(max(0, range.lowerBound), range.upperBound))
        // Choices far beyond their bounds are lowered to them and stay in the range too.
        for choices in [[UInt64.max], [1, .max], [0, .max]] {
            #expect(range.contains(try value(of: .int(in: range), choices: choices)))
        }
        if range.upperBound < 100, range.lowerBound > -100 { #expect(Set(values) == Set(range)) }
    }

    @Test func `integers are uniform on both sides of 0`() {
        let values = samples(of: .int(in: -3...6), count: 20_000)
        for wanted in -3...6 {
            // Six standard deviations of a count with mean 2,000.
            #expect(abs(values.count { $0 == wanted } - 2_000) < 255)
        }
    }

    @Test(arguments: [
        0...1.0, -1...1, 3...3, 0.1...5, -7.5 ... -2.25, 1e-300...2e-300, -1e308...1e308, 0.30...0.31, 1e17...1e18,
        -Double.infinity...Double.infinity, 0...Double.leastNonzeroMagnitude,
    ])
    func `doubles stay in their range and shrink to its simplest number`(range: ClosedRange<Double>) throws {
        let values = samples(of: .double(in: range))
        #expect(values.count == 500)
        #expect(values.allSatisfy { range.contains($0) && $0.isFinite })
        let largest = Double.greatestFiniteMagnitude
        let finite = max(-largest, range.lowerBound)...min(largest, range.upperBound)
        #expect(try value(of: .double(in: range), choices: []) == simplestDouble(in: finite))
        for choices in [[UInt64.max, .max, .max], [1, .max, .max], [.max, .max], [0, 0, .max]] {
            #expect(range.contains(try value(of: .double(in: range), choices: choices)))
        }
    }

    @Test(arguments: [0...1.0, -2...6, 0.1...5, -7.5 ... -2.25])
    func `doubles are uniform over their range`(range: ClosedRange<Double>) {
        let values = samples(of: .double(in: range), count: 20_000)
        let width = range.upperBound - range.lowerBound
        for tenth in 1..<10 {
            let end = range.lowerBound + width * Double(tenth) / 10
            let share = Double(values.count { $0 < end }) / 20_000
            #expect(abs(share - Double(tenth) / 10) < 6 * 0.5 / 141)
        }
    }

    @Test func `the simplest number is 0, the least integer, or the shortest fraction`() {
        #expect(simplestDouble(in: -1...1) == 0)
        #expect(simplestDouble(in: 0.1...5) == 1)
        #expect(simplestDouble(in: -5.5...(-2.5)) == -3)
        #expect(simplestDouble(in: 0.6...0.9) == 0.75)
        #expect(simplestDouble(in: 0.1...0.9) == 0.5)
        #expect(simplestDouble(in: 0.3...0.3) == 0.3)
        let least = Double.leastNonzeroMagnitude
        #expect(simplestDouble(in: least...3 * least) == 2 * least)
    }

    @Test(arguments: [1e-4...1e4, 1e-6...1e-2, 3...300, 0.1...5, 1...1, 1e-300...1e300, 0.7...0.8])
    func `log-uniform doubles stay in their range and shrink toward 1`(range: ClosedRange<Double>) throws {
        let values = samples(of: .logUniform(in: range))
        #expect(values.allSatisfy(range.contains))
        #expect(try value(of: .logUniform(in: range), choices: []) == min(max(1, range.lowerBound), range.upperBound))
        for choices in [[UInt64.max, .max, .max], [0, .max, .max], [0, 0, .max], [1, 0, .max]] {
            #expect(range.contains(try value(of: .logUniform(in: range), choices: choices)))
        }
    }

    @Test func `each decade of a log-uniform range is equally likely`() {
        let values = samples(of: .logUniform(in: 1e-4...1e4), count: 20_000)
        for (index, end) in [1e-3, 1e-2, 0.1, 1, 10, 100, 1000].enumerated() {
            let share = Double(values.count { $0 < end }) / 20_000
            #expect(abs(share - Double(index + 1) / 8) < 6 * 0.5 / 141)
        }
    }

    @Test(arguments: [1.0, 2, 0.5, 0.75, 0.7, 1.5, 3, 1e-9, 1e9, 0x1p-40, 1.0.nextDown, 1.0.nextUp])
    func `a ratio is recovered from its logarithmic place`(ratio: Double) {
        let place = LogarithmicPlace(ratio: ratio)
        #expect(place.ratio == ratio)
        #expect(place.fraction >= 0 && place.fraction < 1 && place.binade >= 0)
    }

    @Test func `normal doubles have their mean and deviation and shrink to the mean`() throws {
        let generator = Generator.gaussian(mean: 3, standardDeviation: 2)
        let values = samples(of: generator, count: 20_000)
        let mean = values.reduce(0, +) / 20_000
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(mean - 3) < 6 * 2 / 141)
        #expect(abs(variance - 4) < 6 * 4 * 1.42 / 141)
        #expect(try value(of: generator, choices: []) == 3)
        #expect(try value(of: generator, choices: [0, 0, 1]) == 5)
        #expect(try value(of: generator, choices: [1, 1, 0]) == 2)
    }

    @Test func `fractions are numbered by simplicity`() {
        let first = (0..<8).map { DyadicFraction.value(of: $0) }
        #expect(first == [0, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875])
        #expect(DyadicFraction.value(of: DyadicFraction.bound) == 1 - 0x1p-52)
        for fraction in [0, 0.5, 0.1, 0.3, 0x1p-52, 1 - 0x1p-52] {
            #expect(abs(DyadicFraction.value(of: DyadicFraction.choice(for: fraction)) - fraction) < 0x1p-52)
        }
    }

    @Test func `an element is one of the collection, each equally often, and shrinks to the first`() throws {
        let generator = Generator.element(of: ["a", "b", "c"])
        let values = samples(of: generator, count: 9_000)
        for letter in ["a", "b", "c"] { #expect(abs(values.count { $0 == letter } - 3_000) < 269) }
        #expect(try value(of: generator, choices: []) == "a")
    }

    @Test func `frequencies follow the weights, and weights of 0 and below are not drawn`() {
        let generator = Generator.frequency([
            (1, Generator.constant(1)), (0, .constant(2)), (3, .constant(3)), (-5, .constant(4)),
        ])
        let values = samples(of: generator, count: 8_000)
        #expect(Set(values) == [1, 3])
        #expect(abs(values.count { $0 == 1 } - 2_000) < 233)
    }

    @Test func `lists without a possible value discard every case`() {
        #expect(throws: Discard.self) { try value(of: .element(of: [Int]()), choices: []) }
        #expect(throws: Discard.self) { try value(of: Generator<Int>.oneOf([]), choices: []) }
        #expect(throws: Discard.self) { try value(of: Generator<Int>.frequency([(0, .int())]), choices: []) }
        #expect(throws: Discard.self) { try value(of: .logUniform(in: 0...1), choices: []) }
        #expect(throws: Discard.self) { try value(of: .logUniform(in: 1...Double.infinity), choices: []) }
    }

    @Test func `an optional is nil in a quarter of the cases and shrinks to nil`() throws {
        let values = samples(of: .optional(.int(in: 1...3)), count: 8_000)
        #expect(abs(values.count { $0 == nil } - 2_000) < 233)
        #expect(try value(of: .optional(.int()), choices: []) == nil)
    }

    @Test(arguments: [0, 1, 10, 50, 100])
    func `the length of arrays grows with the size and uses its whole range`(size: Int) {
        let lengths = samples(of: .array(of: .bool(), count: 2...12), size: size).map(\.count)
        let longest = 2 + (size + 9) / 10
        #expect(Set(lengths) == Set(2...longest))
        #expect(samples(of: .array(of: .bool()), size: size).allSatisfy { $0.count <= size })
    }

    @Test func `lengths are uniform, fixed lengths exact, and negative ones empty`() {
        let lengths = samples(of: .array(of: .int(), count: 0...4), count: 10_000).map(\.count)
        for wanted in 0...4 { #expect(abs(lengths.count { $0 == wanted } - 2_000) < 240) }
        #expect(samples(of: .array(of: .int(), count: 3)).allSatisfy { $0.count == 3 })
        #expect(samples(of: .array(of: .int(), count: -3)).allSatisfy { $0.isEmpty })
        #expect(samples(of: .array(of: .int(), count: -9...(-3))).allSatisfy { $0.isEmpty })
    }

    @Test func `mapping satisfies its laws`() throws {
        let generator = Generator.int(in: -1000...1000)
        let plain = samples(of: generator)
        let identity = samples(of: generator.map { $0 })
        let twice = samples(of: generator.map { $0 + 1 }.map { $0 * 2 })
        let constant = samples(of: generator.flatMap { Generator.constant($0) })
        #expect(identity == plain)
        #expect(twice == plain.map { ($0 + 1) * 2 })
        #expect(constant == plain)
        let bound = samples(of: Generator.constant(5).flatMap { Generator.int(in: 0...$0) })
        #expect(bound == samples(of: Generator.int(in: 0...5)))
    }

    @Test func `filtered values satisfy the condition, and an unsatisfiable one discards`() {
        let values = samples(of: Generator.int(in: 0...99).filter { $0 % 3 == 0 })
        #expect(values.count > 450)
        #expect(values.allSatisfy { $0 % 3 == 0 })
        #expect(samples(of: Generator.int().filter { _ in false }).isEmpty)
        #expect(throws: Discard("odd")) {
            try value(of: Generator.int().filter("odd", attempts: 0) { _ in false }, choices: [])
        }
    }

    @Test func `the size reaches the parts`() throws {
        let size = Generator<Int> { source in source.size }
        #expect(try value(of: .zip(size, size), choices: [], size: 40) == (40, 40))
        #expect(samples(of: .int(), size: 3).allSatisfy { abs($0) <= 3 })
        #expect(samples(of: .double(), size: 3).allSatisfy { abs($0) <= 3 })
        #expect(Set(samples(of: .int(), size: 0)) == [0])
    }

    @Test func `probabilities outside the unit interval count as its ends`() {
        #expect(samples(of: .bool(probability: 2)).allSatisfy { $0 })
        #expect(samples(of: .bool(probability: -1)).allSatisfy { !$0 })
        #expect(samples(of: .bool(probability: .nan)).allSatisfy { !$0 })
        #expect(abs(samples(of: .bool(probability: 0.25), count: 8_000).count { $0 } - 2_000) < 233)
    }

    @Test func `a generator without end is discarded`() {
        let endless = Generator<Int> { source in
            while true { _ = try source.draw(upTo: 9) }
        }
        #expect(throws: Discard.self) { try value(of: endless, choices: []) }
        #expect(samples(of: endless, count: 2).isEmpty)
    }

    @Test func `a recursion that draws nothing is discarded before the stack ends`() {
        @Sendable func nested() -> Generator<Int> { Generator { source in try source.draw(nested()) + 1 } }
        #expect(throws: Discard.self) { try value(of: nested(), choices: []) }
    }

    @Test func `a bound of 0 records nothing`() throws {
        var source = ChoiceSource(.seeded(seed: 1, index: 0, size: 10))
        #expect(try source.draw(upTo: 0) == 0)
        #expect(source.recording.choices.isEmpty)
    }
}
