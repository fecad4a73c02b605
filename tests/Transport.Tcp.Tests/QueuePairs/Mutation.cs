using System.Buffers.Binary;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>Damage to a valid session: what a broken or hostile peer might send. Everything follows from the seed.</summary>
internal static class Mutation
{
    private static readonly uint[] TellingNumbers =
        [0, 1, 3, 4, 7, 8, 23, 24, 25, 71, 72, 76, 127, 128, 129, 152, 153, 512, 4096, 16384, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF8, 0xFFFFFFFF];

    /// <summary>Random bytes, now and then with a good beginning.</summary>
    public static byte[] Noise(Random random)
    {
        byte[] bytes = new byte[random.Next(1, 600)];
        random.NextBytes(bytes);
        if (random.Next(2) == 0)
        {
            // A plausible common header gets further.
            bytes[0] = (byte)random.Next(0, 10);
            if (bytes.Length > 7)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), TellingNumbers[random.Next(TellingNumbers.Length)]);
            }
        }

        return random.Next(2) == 0 ? bytes : [.. Wire.ICReq((byte)random.Next(4)), .. bytes];
    }

    /// <summary>One to four injuries to the list of PDUs.</summary>
    public static byte[] Injure(List<byte[]> pdus, Random random)
    {
        for (int injuries = random.Next(1, 5); injuries > 0 && pdus.Count > 0; injuries--)
        {
            // Mostly after the handshake and Connect, where there is most to hit.
            int index = random.Next(8) == 0 ? random.Next(Math.Min(2, pdus.Count)) : random.Next(pdus.Count);
            switch (random.Next(9))
            {
                case 0:
                    pdus.RemoveAt(index);
                    break;
                case 1:
                    pdus.Insert(index, pdus[random.Next(pdus.Count)]);
                    break;
                case 2:
                    int other = random.Next(pdus.Count);
                    (pdus[index], pdus[other]) = (pdus[other], pdus[index]);
                    break;
                case 3:
                    pdus[index] = pdus[index][..random.Next(pdus[index].Length)];
                    break;
                case 4:
                    pdus.Insert(index, Noise(random));
                    break;
                default:
                    pdus[index] = InjureFields((byte[])pdus[index].Clone(), random);
                    break;
            }
        }

        return [.. pdus.SelectMany(pdu => pdu)];
    }

    private static byte[] InjureFields(byte[] pdu, Random random)
    {
        for (int i = random.Next(1, 4); i > 0 && pdu.Length > 0; i--)
        {
            int reach = random.Next(4) == 0 ? pdu.Length : Math.Min(pdu.Length, 80);
            int offset = random.Next(reach);
            switch (random.Next(4))
            {
                case 0:
                    pdu[offset] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    pdu[offset] = (byte)random.Next(256);
                    break;
                default:
                    offset &= ~3;
                    if (offset + 4 <= pdu.Length)
                    {
                        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(offset), TellingNumbers[random.Next(TellingNumbers.Length)]);
                    }

                    break;
            }
        }

        // A liar who computes digests gets past them.
        if (random.Next(2) == 0 && pdu.Length >= 8 && (pdu[1] & 1) != 0 && pdu[2] + 4 <= pdu.Length)
        {
            Wire.SealHeader(pdu);
        }

        return pdu;
    }
}
