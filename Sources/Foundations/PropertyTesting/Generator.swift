/// A recipe that makes values of one type from a source of choices.
///
/// A generator is a pure function of the size and the choices: it must not depend on anything else that changes
/// (time, the system's random numbers, global state), or its cases cannot be replayed.
///
/// Write a compound generator in direct style, drawing one part after the other:
///
/// ```swift
/// let interval = Generator<(Double, Double)> { source in
///     let low = try source.draw(.double(in: -10...10))
///     let width = try source.draw(.logUniform(in: 0.01...100))
///     return (low, low + width)
/// }
/// ```
///
/// A generator may throw ``Discard`` where it has no value. Any other error that it throws fails the case.
///
/// Draw what decides the shape (lengths, alternatives) before what fills it: shrinking lowers early choices first.
public struct Generator<Value>: Sendable {
    let make: @Sendable (inout ChoiceSource) throws -> Value

    public init(_ make: @escaping @Sendable (inout ChoiceSource) throws -> Value) {
        self.make = make
    }

    /// The generator that always makes `value` and draws no choice.
    public static func constant(_ value: Value) -> Generator where Value: Sendable {
        Generator { _ in value }
    }

    /// The generator that discards every case with this reason: what remains where there is nothing to choose from.
    public static func nothing(_ reason: String) -> Generator {
        Generator { _ in throw Discard(reason) }
    }

    /// A generator chosen by the size of the case, from 0 to 100.
    public static func sized(_ generator: @escaping @Sendable (_ size: Int) -> Generator) -> Generator {
        Generator { source in try generator(source.size).make(&source) }
    }

    /// This generator's values under `transform`. Laws: mapping the identity changes nothing, and mapping `f` and
    /// then `g` is mapping their composition.
    public func map<NewValue>(
        _ transform: @escaping @Sendable (Value) throws -> NewValue
    ) -> Generator<NewValue> {
        Generator<NewValue> { source in try transform(try make(&source)) }
    }

    /// Makes a value and then a value of the generator that `transform` gives for it.
    public func flatMap<NewValue>(
        _ transform: @escaping @Sendable (Value) throws -> Generator<NewValue>
    ) -> Generator<NewValue> {
        Generator<NewValue> { source in
            let value = try source.draw(self)
            return try source.draw(try transform(value))
        }
    }

    /// The values that satisfy `condition`; discards the case when `attempts` values in a row do not.
    ///
    /// All cases made this way, shrunk ones too, satisfy the condition. The values that did not remain in the record
    /// of choices, and shrinking deletes them.
    public func filter(
        _ reason: String = "filter found no value", attempts: Int = 10,
        _ condition: @escaping @Sendable (Value) -> Bool
    ) -> Generator {
        Generator { source in
            for _ in 0..<max(1, attempts) {
                let value = try source.draw(self)
                if condition(value) { return value }
            }
            throw Discard(reason)
        }
    }

    /// This generator run at the size that `transform` gives, brought into 0...100: the way to let parts of a
    /// recursive value become smaller.
    public func resized(_ transform: @escaping @Sendable (_ size: Int) -> Int) -> Generator {
        Generator { source in
            try source.withSize(transform(source.size)) { inner in try make(&inner) }
        }
    }
}
