/// The product of the factors (1 if there are none), or `nil` if a partial product overflows or a
/// factor is negative.
///
/// A zero does not excuse an overflow before it: `[2⁶², 2⁶², 0]` is refused, as the reference
/// implementation of safetensors does.
func checkedProduct(_ factors: some Sequence<Int>) -> Int? {
    var product = 1
    for factor in factors {
        guard factor >= 0 else { return nil }
        let (next, overflow) = product.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        product = next
    }
    return product
}
