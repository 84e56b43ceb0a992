import COpenBLAS
import Tensors
import Testing

/// Products of the UNet's sizes against an implementation that is not ours.
@Suite struct OpenBLASTests {
    @Test(arguments: [(512, 320, 960), (77, 2048, 640), (1024, 640, 77)])
    func linearMatchesOpenBLAS(rows: Int, inputs: Int, outputs: Int) throws {
        let compute = try Compute(ComputeOptions(threads: 2, precision: .float32))
        let x = Reference.numbers(rows * inputs, seed: 11)
        let w = Reference.numbers(outputs * inputs, seed: 12)
        let weights = try LinearWeights(stored(w, [outputs, inputs]), in: compute)
        let ours = try compute.floats(
            compute.linear(compute.tensor(from: x, [rows, inputs]), weights))
        var theirs = [Float](repeating: 0, count: rows * outputs)
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(outputs), Int32(inputs), 1,
            x, Int32(inputs), w, Int32(inputs), 0, &theirs, Int32(outputs))
        let distance = Reference.distance(ours, theirs.map { Double($0) })
        // Each of the `inputs` additions of either sum rounds by half a unit of 2^-24 of a sum of
        // about the square root of `inputs`.
        let unit = 0x1p-24 * Double(inputs).squareRoot()
        #expect(distance < 2 * unit * Double(inputs).squareRoot())
    }
}
