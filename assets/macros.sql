-- The few expressions that many tables share, each stated once.

-- The keyed hash by which a person or a fact is known outside the restricted tables.
create macro keyed_hash(secret, content) as substr(sha256(secret || sha256(secret || content)), 1, 32);

-- What of an ID may be shown: the first 6 and last 4 of 18 characters.
create macro masked_id(id_text) as
    case when length(id_text) = 18 then substr(id_text, 1, 6) || '********' || substr(id_text, 15, 4) else '******' end;

-- The spelling under which a township or village stands in the division tables' aliases.
create macro spelling(division) as regexp_replace(division, '\s', '', 'g');

-- A rate, rounded half up to 6 places without ever being a float; over 0 it is null.
create macro rate(numerator, denominator) as
    case
        when denominator > 0
            then
                cast(
                    (
                        cast(numerator * 100 as hugeint) * 2000000 + cast(denominator * 100 as hugeint)
                    ) // (cast(denominator * 100 as hugeint) * 2) as decimal(18, 0)
                ) * cast(0.000001 as decimal(6, 6))
    end;

-- What a funding level pays of an amount, rounded half up to the fen.
create macro level_part(amount_yuan, share) as
    cast(round(cast(amount_yuan as decimal(26, 2)) * share, 2) as decimal(18, 2));
