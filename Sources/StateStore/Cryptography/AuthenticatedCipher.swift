import COpenSSL
import NetworkManagement

/// AES-256-GCM (NIST SP 800-38D) with a random nonce for each message.
enum AuthenticatedCipher {
    /// Octets of the nonce and of the tag.
    static let nonceLength = 12
    static let tagLength = 16

    /// - Returns: nonce, ciphertext, tag.
    static func seal(
        _ plaintext: [UInt8], key: SecretKey, authenticating associated: [UInt8]
    ) throws(StoreError) -> [UInt8] {
        let nonce = try Cryptography.randomOctets(nonceLength)
        let context = try CipherContext()
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
        var tag = [UInt8](repeating: 0, count: tagLength)
        try key.withOctets { key throws(StoreError) in
            let octets = key.bindMemory(to: UInt8.self).baseAddress
            guard EVP_EncryptInit_ex2(context.pointer, EVP_aes_256_gcm(), octets, nonce, nil) == 1 else {
                throw Cryptography.failure("EVP_EncryptInit_ex2")
            }
        }
        var length: Int32 = 0
        guard EVP_EncryptUpdate(context.pointer, nil, &length, associated, Int32(associated.count)) == 1,
            EVP_EncryptUpdate(context.pointer, &ciphertext, &length, plaintext, Int32(plaintext.count)) == 1,
            EVP_EncryptFinal_ex(context.pointer, nil, &length) == 1,
            EVP_CIPHER_CTX_ctrl(context.pointer, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), &tag) == 1
        else { throw Cryptography.failure("AES-256-GCM seal") }
        return nonce + ciphertext + tag
    }

    /// nil when the key is another one, or one octet is not as it was sealed.
    static func open(
        _ sealed: ArraySlice<UInt8>, key: SecretKey, authenticating associated: [UInt8]
    ) throws(StoreError) -> [UInt8]? {
        guard sealed.count >= nonceLength + tagLength else { return nil }
        let nonce = Array(sealed.prefix(nonceLength))
        let ciphertext = Array(sealed.dropFirst(nonceLength).dropLast(tagLength))
        var tag = Array(sealed.suffix(tagLength))
        let context = try CipherContext()
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count)
        try key.withOctets { key throws(StoreError) in
            let octets = key.bindMemory(to: UInt8.self).baseAddress
            guard EVP_DecryptInit_ex2(context.pointer, EVP_aes_256_gcm(), octets, nonce, nil) == 1 else {
                throw Cryptography.failure("EVP_DecryptInit_ex2")
            }
        }
        var length: Int32 = 0
        guard EVP_DecryptUpdate(context.pointer, nil, &length, associated, Int32(associated.count)) == 1,
            EVP_DecryptUpdate(context.pointer, &plaintext, &length, ciphertext, Int32(ciphertext.count)) == 1,
            EVP_CIPHER_CTX_ctrl(context.pointer, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1
        else { throw Cryptography.failure("AES-256-GCM open") }
        guard EVP_DecryptFinal_ex(context.pointer, nil, &length) == 1 else {
            ERR_clear_error()
            plaintext.wipe()
            return nil
        }
        return plaintext
    }
}

/// Owns an EVP_CIPHER_CTX.
private final class CipherContext {
    let pointer: OpaquePointer

    init() throws(StoreError) {
        guard let pointer = EVP_CIPHER_CTX_new() else { throw Cryptography.failure("EVP_CIPHER_CTX_new") }
        self.pointer = pointer
    }

    deinit {
        EVP_CIPHER_CTX_free(pointer)
    }
}
