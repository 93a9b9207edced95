import LinearAlgebra
import Testing

@Suite struct BLASKernelTests {
    @Test func `the kernel in use computes small integers exactly`() {
        #expect(BLASLibrary.computesExactly())
    }

    @Test func `the name says which kernel it is`() {
        #expect(BLASLibrary.name.hasPrefix("OpenBLAS "))
        #expect(BLASLibrary.name.hasSuffix("(\(BLASLibrary.kernel))"))
    }
}
