/**
 * CRC-32 of a concatenation from the CRC-32s of its parts. A CRC is linear over GF(2): appending n zero bytes multiplies
 * the register by x^(8n) modulo the polynomial, so crc(AB) = crc(A) * x^(8|B|) + crc(B). Polynomials are held bit
 * reversed, as CRC-32 is used in gzip (RFC 1952, section 8): bit 31 is x^0.
 */
const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;

/** a * b modulo the polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= b;
    b = b & 1 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1;
  }
  return product >>> 0;
}

/** x^(8n). */
function powerOfBytes(n: number): number {
  let result = ONE;
  let square = 0x00800000; // x^8
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
}

/** The CRC-32 of A followed by B, which has `lengthB` bytes. */
export function combineCrc32(crcA: number, crcB: number, lengthB: number): number {
  return (multiply(crcA, powerOfBytes(lengthB)) ^ crcB) >>> 0;
}
