import PropertyTesting

/// The values that the generator makes for the cases 0, 1, … of a seed, all at one size.
func samples<Value: Sendable>(
    of generator: Generator<Value>, count: Int = 500, seed: UInt64 = 7, size: Int = 100
) -> [Value] {
    (0..<count).compactMap { index in
        var source = ChoiceSource(.seeded(seed: seed, index: index, size: size))
        return try? source.draw(generator)
    }
}

/// The value that the generator makes from these choices.
func value<Value>(of generator: Generator<Value>, choices: [UInt64], size: Int = 100) throws -> Value {
    var source = ChoiceSource(.choices(choices, size: size))
    return try source.draw(generator)
}

/// An error of the properties under test.
struct PlantedError: Error, Equatable {
    var code = 0
}
