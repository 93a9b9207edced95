import PropertyTesting

// Generators and properties in the style of other libraries, made of this one's: what the tests of shrinking and
// replay are written with.

extension Generator {
    static func constant(_ value: Value) -> Generator where Value: Sendable { Generator { _ in value } }

    /// A generator chosen by the size of the case.
    static func sized(_ generator: @escaping @Sendable (_ size: Int) -> Generator) -> Generator {
        Generator { source in try source.draw(generator(source.size)) }
    }

    func map<NewValue>(_ transform: @escaping @Sendable (Value) throws -> NewValue) -> Generator<NewValue> {
        Generator<NewValue> { source in try transform(try source.draw(self)) }
    }

    func flatMap<NewValue>(
        _ transform: @escaping @Sendable (Value) throws -> Generator<NewValue>
    ) -> Generator<NewValue> {
        Generator<NewValue> { source in
            let value = try source.draw(self)
            return try source.draw(try transform(value))
        }
    }

    /// The values that satisfy `condition`; those that did not remain in the record, and shrinking deletes them.
    func filter(
        _ reason: String = "filter found no value", attempts: Int = 10,
        _ condition: @escaping @Sendable (Value) -> Bool
    ) -> Generator {
        Generator { source in
            for _ in 0..<attempts {
                let value = try source.draw(self)
                if condition(value) { return value }
            }
            throw Discard(reason)
        }
    }

    static func array<Element>(of element: Generator<Element>) -> Generator where Value == [Element] {
        .array(of: element, count: 0...100)
    }

    static func zip<each Part>(_ parts: repeat Generator<each Part>) -> Generator where Value == (repeat each Part) {
        Generator { source in (repeat try source.draw(each parts)) }
    }
}

extension Generator<Int> {
    static func int() -> Generator { .sized { size in .int(in: -size...size) } }
}

extension Generator<Double> {
    static func double() -> Generator { .sized { size in .double(in: -Double(size)...Double(size)) } }
}

extension Property {
    init(_ name: String, _ generator: Generator<Value>, margin body: @escaping @Sendable (Value) throws -> Double) {
        self.init(name, generator, margin: { value, _ in try body(value) })
    }

    init(
        _ name: String, _ generator: Generator<Value>,
        holds body: @escaping @Sendable (Value, inout CaseContext) throws -> Bool
    ) {
        self.init(name, generator, margin: { value, context in try body(value, &context) ? 0 : .infinity })
    }
}
